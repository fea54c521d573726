"""The worked examples of docs/formats/membership.md, worked out."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from troth.proof.entry import commit_conversation
from troth.proof.membership import (
    check_excluded,
    check_included,
    read_membership_data,
    read_membership_text,
)
from troth.release.layout import MEMBERSHIP
from troth.release.membership import build, contains, prove

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "membership.md").read_text(encoding="utf-8")


def block(name: str, language: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```{language}\n(.*?)\n```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


def example(name: str) -> Any:
    return json.loads(block(name, "json"))


def label_of(shown: dict[str, Any]) -> bytes:
    label = commit_conversation(bytes.fromhex(shown["salt"]), shown["conversation"])
    assert label.hex() == shown["label"]
    return label


def built(folder: Path) -> tuple[Path, bytes]:
    labels = [label_of(one) for one in example("tree")["conversations"]]
    path = folder / MEMBERSHIP
    return path, build(np.frombuffer(b"".join(labels), np.uint8).reshape(-1, 32), path)


def test_the_root(tmp_path: Path) -> None:
    shown = example("tree")
    by_hand: dict[str, Any] = {}
    exec(block("by hand", "python"), by_hand)  # noqa: S102 -- the page shows it to be run
    labels = [label_of(one) for one in shown["conversations"]]
    assert by_hand["root"](labels).hex() == shown["root"] == built(tmp_path)[1].hex()
    assert by_hand["root"]([]) == bytes(32)


def test_the_proofs(tmp_path: Path) -> None:
    path, root = built(tmp_path)
    shown = example("proofs")
    assert shown["root"] == root.hex()
    for one in shown["proofs"]:
        label, proof = label_of(one), read_membership_text(one["lines"])
        assert proof == read_membership_data(bytes.fromhex(one["bytes"])) == prove(path, label).proof
        assert (proof.text(), proof.data().hex()) == (one["lines"], one["bytes"])
        assert contains(path, label) == one["included"]
        (check_included if one["included"] else check_excluded)(label, proof, root)
    ends = [(one["included"], "other" in one["lines"]) for one in shown["proofs"]]
    assert ends == [(True, False), (False, True), (False, False)], "one of each kind"


def test_the_file(tmp_path: Path) -> None:
    path, _ = built(tmp_path)
    shown = example("file")
    parts = [shown["header"], *shown["hashes"], shown["offsets"], *shown["labels"]]
    data = bytes.fromhex("".join(parts))
    assert path.read_bytes() == data
    assert hashlib.sha256(data).hexdigest() == shown["sha256"]
