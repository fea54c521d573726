"""The worked examples of docs/formats/keys.md, worked out."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from keys_worlds import World

from troth.vault.handles import Handles
from troth.vault.keys.ggm import leaf_key, new_page, page_bytes, puncture, read_page
from troth.vault.keys.keyring import open_keyring
from troth.vault.keys.local import read_root_file, root_file
from troth.vault.keys.nodes import (
    Address,
    open_node,
    open_retired,
    open_top_key,
    read_top,
    seal,
    seal_retired,
    seal_top_key,
    top_bytes,
)

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "keys.md").read_text(encoding="utf-8")


def block(name: str, language: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```{language}\n(.*?)\n```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


def example(name: str) -> Any:
    return json.loads(block(name, "json"))


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)


def by_hand() -> Any:
    found: dict[str, Any] = {}
    exec(block("by hand", "python"), found)  # noqa: S102 -- the page shows it to be run
    return found["key_of"]


def test_the_page() -> None:
    shown = example("page")
    page = new_page(unhex(shown["seed"]))
    for leaf, key in shown["keys"].items():
        assert leaf_key(page, int(leaf)) == unhex(key)
    cut = puncture(page, shown["cut"])
    assert list(cut.nodes) == shown["positions"]
    assert page_bytes(cut) == unhex(shown["bytes"])
    assert read_page(unhex(shown["bytes"])) == cut


def test_the_nodes_and_the_root() -> None:
    shown = example("tree")
    root = shown["root"]
    assert root_file(root["version"], unhex(root["key"])) == unhex(root["file"])
    assert read_root_file(unhex(root["file"]), root["version"], "root.3") == unhex(root["key"])
    key = open_top_key(unhex(root["key"]), unhex(root["sealed"]), root["version"], root["keeper"])
    again = seal_top_key(unhex(root["key"]), unhex(root["nonce"]), key, root["version"], root["keeper"])
    assert again == unhex(root["sealed"])
    assert key == unhex(shown["nodes"][-1]["key"])
    for node in shown["nodes"]:
        address = Address(node["level"], node["number"])
        assert (address.row, address.associated_data) == (node["row"], unhex(node["associated_data"]))
        key, plaintext = unhex(node["key"]), unhex(node["plaintext"])
        assert open_node(key, address, unhex(node["sealed"])) == plaintext
        assert seal(key, unhex(node["nonce"]), plaintext, address.associated_data) == unhex(node["sealed"])
    top = unhex(shown["nodes"][-1]["plaintext"])
    assert top_bytes(read_top(top)) == top


def test_the_evidence() -> None:
    shown = example("tree")["retired"]
    key = unhex(example("tree")["nodes"][-1]["key"])
    told = open_retired(key, unhex(shown["sealed"]), shown["version"], shown["keeper"])
    assert told.decode() == shown["evidence"]
    again = seal_retired(key, unhex(shown["nonce"]), told, shown["version"], shown["keeper"])
    assert again == unhex(shown["sealed"])


def test_the_keys_by_hand() -> None:
    shown = example("tree")
    root, key_of = shown["root"], by_hand()
    nodes = {node["row"]: unhex(node["sealed"]) for node in shown["nodes"]}
    for slot, key in shown["slots"].items():
        found = key_of(
            int(slot), unhex(root["key"]), root["version"], root["keeper"], unhex(root["sealed"]), nodes
        )
        assert found == (None if key is None else unhex(key)), slot


@pytest.fixture
def shown_world(tmp_path: Path) -> World:
    """A keyring of which every row is one that the page shows."""
    shown, world = example("tree"), World(tmp_path).create()
    with closing(sqlite3.connect(world.database, isolation_level=None)) as connection:
        connection.execute("DELETE FROM node")
        for node in shown["nodes"]:
            connection.execute("INSERT INTO node VALUES (?, ?, 0)", (node["row"], unhex(node["sealed"])))
        connection.execute("UPDATE root SET sealed = ?", (unhex(shown["root"]["sealed"]),))
        connection.execute("INSERT INTO retired VALUES ('local', 2, ?)", (unhex(shown["retired"]["sealed"]),))
        connection.execute("UPDATE state SET root = 3")
        for one in example("handles")["handles"]:
            mark, slot, tag = one["row"]
            connection.execute("INSERT INTO handle VALUES (?, ?, ?, 0)", (unhex(mark), slot, unhex(tag)))
    world.keeper().destroy(1)
    world.keeper().make(3)
    (world.root_folder() / "root.3").write_bytes(unhex(shown["root"]["file"]))
    return world


def test_a_key_database_with_these_rows_opens(shown_world: World) -> None:
    shown = example("tree")
    keyring = open_keyring(shown_world.keys, shown_world.all_keepers())
    found = keyring.keys([int(slot) for slot in shown["slots"]])
    assert found == [None if key is None else unhex(key) for key in shown["slots"].values()]
    stats = keyring.stats()
    assert (stats.slots, stats.destroyed, stats.pages, stats.root_version) == (600, 258, 3, 3)
    (evidence,) = keyring.destroy([3, 256]).evidence
    assert (evidence.version, evidence.effective) == (2, 1_767_225_600_000_000)
    handles = Handles(keyring, shown_world.keys)
    for one in example("handles")["handles"]:
        assert handles.mark(one["kind"], one["name"]) == unhex(one["mark"])
        assert handles.slots(one["kind"], [one["name"]], make=True) == {one["name"]: one["slot"]}
    keyring.close()


def test_by_hand_and_keyring_agree_on_a_keyring_that_was_used(tmp_path: Path) -> None:
    world = World(tmp_path).create()
    with world.opened() as keyring:
        keyring.allot(70_000)
        keyring.destroy([9, 10, 66_000, *range(512, 768)])
        asked = [0, 9, 11, 300, 600, 65_535, 65_536, 66_000, 70_000]
        keys = keyring.keys(asked)
    with closing(sqlite3.connect(world.database)) as connection:
        nodes = dict(connection.execute("SELECT row, sealed FROM node"))
        ((top,),) = connection.execute("SELECT sealed FROM root")
    root, key_of = world.keeper().get(2), by_hand()
    assert [key_of(slot, root, 2, "local", top, nodes) for slot in asked] == keys
