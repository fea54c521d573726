"""The example product with a service of its own, in one command: ``python examples/product/run.py``.

It makes a workspace in a temporary folder, keys and service.toml, starts ``troth serve`` and the product, and prints both
addresses. Ctrl-C ends both and removes the folder.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree

import troth.terms

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "clients" / "python" / "src"))

from product import Product, Service, serving
from troth_client import Client

DAYS = 14
ALREADY_THERE = "ada"
"""Somebody who has an account since before the terms: the others are new when they sign up."""
TROTH = (str(Path(sys.executable).with_name("troth")),)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def workspace_in(folder: Path, service: str, product: str) -> dict[str, str]:
    """Make a workspace with its settings, and the product's key: the three steps of docs/embedding.md."""
    shop = str(folder / "shop")
    subprocess.run(
        [*TROTH, "init", shop, "--origin", "example.org/shop"], check=True, stdout=subprocess.DEVNULL
    )
    (folder / "shop" / "service.toml").write_text(
        f'format = 1\nterms = "terms"\norigin = "{service}"\nallowed-origins = ["{product}"]\n',
        encoding="utf-8",
    )
    terms_in(folder / "shop" / "terms", datetime.now(UTC).date())
    command = [
        *TROTH,
        "key",
        "new",
        "website",
        "--workspace",
        shop,
        "--role",
        "product",
        "--tokens",
        "--json",
    ]
    told: dict[str, str] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    return told


def terms_in(folder: Path, today: date) -> None:
    """The shipped terms, and one version more that lets those who are there already choose for two weeks from today."""
    copytree(Path(troth.terms.__file__).parent / "profiles" / "anthropic-consumer", folder)
    newest = max(folder.glob("*.toml"))
    last, began = today + timedelta(days=DAYS), today - timedelta(days=1)
    dates = {"version": f'"{began}"', "published": str(began), "effective": str(last), "last_day": str(last),
             "replaces_deadline_of": f'["{newest.stem}"]'}  # fmt: skip
    text = newest.read_text(encoding="utf-8")
    for name, value in dates.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
    (folder / f"{began}.toml").write_text(text, encoding="utf-8")


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """``troth serve``, from when it answers until the end of the context."""
    command = [*TROTH, "serve", "--workspace", str(folder / "shop"), "--port", str(port)]
    with (folder / "service.log").open("w") as log:
        # In a group of its own: Ctrl-C at a terminal is for this script, which then ends the service in order, once.
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ.copy(), process_group=0
        )
    try:
        if not (process.stdout and process.stdout.readline()):
            sys.exit((folder / "service.log").read_text())
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def main() -> None:
    """Run both until Ctrl-C, or until the terminal is closed."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--port", type=int, default=0, help="of the product; 0 takes a free one")
    wanted = told.parse_args().port
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:  # nohup
            signal.signal(ending, signal.default_int_handler)
    try:
        run(wanted)
    except KeyboardInterrupt:
        sys.stdout.write("ended; everything was removed\n")


def run(wanted: int) -> None:
    """Run both until an interrupt. ``wanted`` is the product's port; 0 takes a free one."""
    port, own = free_port(), wanted or free_port()
    service = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="troth-example-") as name:
        key = workspace_in(Path(name), service, f"http://127.0.0.1:{own}")
        with served(Path(name), port), Client(service, key["key"]) as client:
            product = Product(Service(service, key["key"], key["id"], key["token_secret"]), client, time.time)
            product.people.add(ALREADY_THERE)
            opened = {
                "event": "account.opened",
                "id": "there",
                "at": "2025-01-01T00:00:00Z",
                "account": ALREADY_THERE,
            }
            client.events_record({"events": [{**opened, "plan": "free", "age": "adult"}]})
            with serving(product, own) as server:
                sys.stdout.write(f"the service  {service}\n")
                sys.stdout.write(
                    f"the product  http://127.0.0.1:{own}  (sign up with any name; ada was there before; Ctrl-C ends it)\n"
                )
                sys.stdout.flush()
                server.serve_forever()


if __name__ == "__main__":
    main()
