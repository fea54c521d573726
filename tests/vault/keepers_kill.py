"""Does one thing with a keeper and is killed before its n-th step: python keepers_kill.py TABLE FOLDER make|destroy VERSION N.

Steps are everything that changes a file, a token, a KMS or a transit engine. Where the work ends first, it prints "done".
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keeper_worlds
import msgspec

from troth.vault.keys import local, transit_http, wrapped
from troth.vault.keys.chosen import RootChoice, open_keeper

STEPS: list[tuple[Any, str]] = [
    (wrapped.WrappedRoots, "write"),
    (wrapped.WrappedRoots, "remove"),
    (transit_http.Transit, "create"),
    (transit_http.Transit, "rotate"),
    (transit_http.Transit, "encrypt"),
    (transit_http.Transit, "rewrap"),
    (transit_http.Transit, "trim"),
    (transit_http.Transit, "decrypt"),
    (local, "_write_through"),
    (local, "sync_folder"),
]
with contextlib.suppress(ModuleNotFoundError):
    from troth.vault.keys import kms

    STEPS += [(kms.Kms, name) for name in ("make", "wrap", "keys", "delete", "tried")]
with contextlib.suppress(ModuleNotFoundError):
    from troth.vault.keys import pkcs11

    STEPS += [(pkcs11, name) for name in ("keys_of", "make_key", "wrap", "check_unusable")]


def main() -> None:
    table, folder, work, version, last = sys.argv[1:]
    left = [int(last)]

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def take(*args: Any, **kwargs: Any) -> Any:
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return step(*args, **kwargs)

        return take

    for owner, name in STEPS:
        setattr(owner, name, counted(getattr(owner, name)))
    choice = msgspec.json.decode(table, type=RootChoice)
    keeper = open_keeper(choice, Path(folder), keeper_worlds.clock, os.environ)
    getattr(keeper, work)(int(version))
    sys.stdout.write("done")


if __name__ == "__main__":
    main()
