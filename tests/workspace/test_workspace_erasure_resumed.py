"""An erasure that was interrupted: the next opening touches what its intent names, and the person's receipt is made."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shops import Shop
from test_workspace_erasure import (
    LATE,
    before_the_intent,
    event,
    files_with,
    gone,
    logged,
    readable,
    taken,
    words,
)

from troth.errors import StoreError, TrothError, UsageError
from troth.operations.workspace.erasure import erasing
from troth.operations.workspace.opened import opened
from troth.operations.workspace.receipts.receipts import receipt_again, receipt_of_conversation
from troth.operations.workspace.sequencing import sequence
from troth.proof.payloads import ErasureAbandoned, ErasureDone, ErasureIntended
from troth.store.sealed import SealedStore


class Crash(BaseException):
    """The process dies here."""


def dies_in(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, after: Callable[..., Any] | None = None
) -> None:
    def die(*arguments: Any) -> None:
        if after is not None:
            after(*arguments)
        raise Crash

    monkeypatch.setattr(module, name, die)


def interrupted(shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str, **asked: Any) -> None:
    """An erasure that dies after its intent: at that step, or when it is done."""
    with monkeypatch.context() as patched:
        dies_in(patched, erasing, step, getattr(erasing, step) if step == "done_item" else None)
        with pytest.raises(Crash):
            gone(shop, **asked)


@pytest.mark.parametrize("step", ["_forget", "done_item"])
def test_it_is_finished_without_reading_what_the_intent_does_not_name(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    taken(shop)
    shop.record(
        event("conversation.deleted", conversation="of-ada"),
        event("hold.placed", hold="case-7", accounts=["ben"]),
    )
    interrupted(shop, monkeypatch, step, account="ada")
    real = SealedStore.erase_rows

    def erase_rows(store: SealedStore, marks: Any) -> int:
        assert marks is not None, "the whole store was read"
        return real(store, marks)

    monkeypatch.setattr(SealedStore, "erase_rows", erase_rows)
    monkeypatch.setattr(SealedStore, "events", lambda *_: pytest.fail("the whole history was read"))
    sequence(shop.workspace)
    assert not (shop.workspace / "vault" / "erasing").exists()
    intended, end = logged(shop)
    assert isinstance(intended, ErasureIntended)
    assert isinstance(end, ErasureDone)
    assert end.kept == intended.kept
    with opened(shop.workspace) as found:
        assert list(found.store.opened(conversation="of-ada")) == []
        assert found.store.conversation("of-ada") is None
    assert readable(shop) == ["of-ben", "of-cleo"]


def test_what_stays_of_the_demand_is_told_by_the_end_that_a_recovery_writes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)
    shop.record(event("hold.placed", hold="case-7", conversations=["of-cleo"]))
    shop.record(
        {"event": "conversation.joined", "at": LATE, "conversation": "of-cleo", "account": "ada"},
        name="joined.jsonl",
    )
    shop.record(
        {"event": "record.said", "at": LATE, "record": "x", "conversation": "y", "account": "ada"},
        name="y.jsonl",
    )
    shop.record(event("hold.placed", hold="case-8", conversations=["y"]), name="hold.jsonl")
    interrupted(shop, monkeypatch, "_forget", account="ada")
    sequence(shop.workspace)
    _, end = logged(shop)
    assert isinstance(end, ErasureDone)
    assert [(one.why, one.records) for one in end.kept] == [("hold", 1)]


@pytest.mark.parametrize("step", ["_forget", "done_item"])
@pytest.mark.parametrize("asked", [{"conversation": "of-ada"}, {"account": "ada"}])
def test_the_same_command_again_writes_the_receipt_that_the_crash_took(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, step: str, asked: dict[str, str]
) -> None:
    taken(shop)
    shop.build("first")
    receipts = shop.folder / "receipts"
    interrupted(shop, monkeypatch, step, receipts=receipts, **asked)
    assert [path.suffix for path in receipts.iterdir()] == [".begun"]
    done = gone(shop, receipts=receipts, **asked)
    assert (done.conversations, done.entries, len(done.receipts)) == (0, [], 1)
    told = words(shop, done.receipts[0])
    assert 'The conversation "of-ada" was erased' in told
    assert '"of-ada" is in the release' in told
    assert [path.suffix for path in receipts.iterdir()] == [".receipt"]
    with pytest.raises(UsageError, match="holds nothing"):
        gone(shop, conversation="of-ada", receipts=receipts)


def test_an_erasure_that_was_given_up_leaves_no_name_in_the_folder_of_receipts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)
    receipts = shop.folder / "receipts"
    with monkeypatch.context() as patched:
        before_the_intent(patched, lambda: shop.record(event("hold.placed", hold="case-7")))
        dies_in(patched, erasing, "forbids")
        with pytest.raises(Crash):
            gone(shop, conversation="of-ada", receipts=receipts)
    sequence(shop.workspace)
    assert [type(one) for one in logged(shop)] == [ErasureIntended, ErasureAbandoned]
    done = gone(shop, conversation="of-ada", receipts=receipts)
    assert (done.conversations, done.receipts, done.stays) == (0, [], 2)
    assert list(receipts.iterdir()) == []


def test_what_another_workspace_began_in_the_folder_is_left_alone_and_damage_is_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)
    receipts = shop.folder / "receipts"
    interrupted(shop, monkeypatch, "_forget", conversation="of-ada", receipts=receipts)
    (begun,) = receipts.iterdir()
    data = begun.read_bytes()
    assert begun.stat().st_mode & 0o777 == 0o600
    begun.write_bytes(data.replace(b"example.org/shop", b"example.org/else"))
    assert gone(shop, conversation="of-ben", receipts=receipts).conversations == 1
    assert begun.exists()
    begun.write_bytes(data[:-20])
    with pytest.raises(UsageError, match=r"000001\.begun"):
        gone(shop, conversation="of-cleo", receipts=receipts)
    assert readable(shop) == ["of-cleo"]


def test_where_receipts_cannot_be_kept_nothing_is_destroyed(shop: Shop) -> None:
    taken(shop)
    (shop.folder / "receipts").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match="nothing was destroyed"):
        gone(shop, conversation="of-ada", receipts=shop.folder / "receipts")
    assert (len(readable(shop)), logged(shop)) == (3, [])


def test_who_holds_a_receipt_is_answered_after_an_end_that_a_recovery_wrote(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop)
    held = shop.folder / "held.receipt"
    held.write_bytes(receipt_of_conversation(shop.workspace, "of-ada", ()).data)
    interrupted(shop, monkeypatch, "_forget", conversation="of-ada")
    again = shop.folder / "again.receipt"
    again.write_bytes(receipt_again(shop.workspace, held, ()).data)
    assert '"of-ada" was erased' in words(shop, again)


# --- a disk that is full ---------------------------------------------------------------------------------------------


def with_files_up_to(size: int, act: Callable[[], object]) -> str:
    """Do it in a process whose files may not grow beyond a size; the name of its error, or that it was done."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        told = "killed"
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            act()
            told = "done"
        except TrothError as problem:
            told = f"{type(problem).__name__}: {problem}"
        except BaseException as problem:  # noqa: BLE001 - a child must not go on as its parent
            told = f"not told: {type(problem).__name__}: {problem}"
        finally:
            os.write(write, told.encode())
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    told = os.read(read, 10_000).decode()
    os.close(read)
    return told


def test_on_a_full_disk_it_is_told_and_goes_on_when_there_is_room(shop: Shop, tmp_path: Path) -> None:
    taken(shop)
    shop.record(event("conversation.deleted", conversation="of-ada", id="a-deletion-of-ada"))
    ends = set()
    for size in (0, 3_000, 9_000, 20_000, 40_000, 90_000, 150_000):
        told = with_files_up_to(
            size, lambda: gone(shop, conversation="of-ada", receipts=shop.folder / "receipts")
        )
        assert not told.startswith(("not told", "killed")), (size, told)
        ends.add(told.split(":")[0])
        sequence(shop.workspace)  # there is room again: what was begun is finished, or was never begun
        left, done = readable(shop), [type(one) for one in logged(shop)]
        assert len(done) % 2 == 0
        assert ("of-ada" in left) == (ErasureDone not in done)
        if "of-ada" not in left:
            break
    if "of-ada" in left:
        gone(shop, conversation="of-ada")
    assert ends - {"done"}, "the limits are too high to tell anything"
    assert readable(shop) == ["of-ben", "of-cleo"]
    assert files_with(shop.workspace, b"a-deletion-of-ada") == []
