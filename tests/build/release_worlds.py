"""Small worlds for the tests of building: records, decisions, a build, and a check of what came of it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785

from cheap_filter import cheap_filter
from troth.build.inputs import BuildInputs, LogSource
from troth.build.pipeline import build
from troth.release.manifest import Release
from troth.terms.archive import load
from troth.types.moment import format_moment, moment_of, parse_moment
from troth.types.record import MOMENT_TYPE, RECORD_SCHEMA

DECISIONS = pa.schema(
    [
        *((name, pa.string()) for name in ("record", "conversation", "account")),
        ("allow", pa.bool_()),
        *((name, pa.string()) for name in ("reason", "rule", "clause")),
        ("keep_until", MOMENT_TYPE),
        ("indefinite", pa.bool_()),
        ("erasable", pa.bool_()),
        ("plan", pa.string()),
    ]
)
NOON = parse_moment("2025-10-01T12:00:00Z")
AT = parse_moment("2025-11-01T00:00:00Z")
FILTERED = "train.general"
"""A purpose for which the terms ask for a filter."""
PLAIN = "review.human"
"""A purpose for which they do not."""


def said(conversation: str, position: int, text: str | None, **more: Any) -> dict[str, Any]:
    """One record."""
    return {
        "record": f"{conversation}/{position}",
        "conversation": conversation,
        "account": f"account-of-{conversation}",
        "at": NOON + position * 1_000_000,
        "role": "user" if position % 2 == 0 else "assistant",
        "kind": "text",
        "product": "chat",
        "channel": "first_party",
        "position": position,
        "text": text,
        **more,
    }


def photo(conversation: str, position: int, data: bytes, **more: Any) -> dict[str, Any]:
    """One record that carries bytes."""
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    media = {"kind": "photo", "media_type": "image/png", "digest": digest, "bytes": data}
    return said(conversation, position, None, **media, **more)


def talk(conversation: str, *texts: str) -> list[dict[str, Any]]:
    """One conversation."""
    return [said(conversation, position, text) for position, text in enumerate(texts)]


def write_records(path: Path, rows: Iterable[Mapping[str, Any]], row_group_size: int | None = None) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows), RECORD_SCHEMA), path, row_group_size=row_group_size)
    return path


def write_decisions(path: Path, rows: Iterable[Mapping[str, Any]], deny: Mapping[str, str]) -> Path:
    decided = {}
    for row in rows:
        reason = deny.get(row["record"], deny.get(row["conversation"], ""))
        decided[row["record"]] = {
            "record": row["record"],
            "conversation": row["conversation"],
            "account": row["account"],
            "allow": not reason,
            "reason": reason or "choice_granted",
            "rule": "no-means-no" if reason else "yes-means-yes",
            "clause": "Terms § 4",
            "keep_until": AT + 1_000_000,
            "indefinite": False,
            "erasable": True,
            "plan": "pro",
        }
    pq.write_table(pa.Table.from_pylist(list(decided.values()), DECISIONS), path)
    return path


def inputs_for(
    folder: Path, rows: list[dict[str, Any]], deny: Mapping[str, str] | None = None, **options: Any
) -> BuildInputs:
    """Inputs with all rows in one file, unless ``records`` says otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    given: dict[str, Any] = {
        "records": (write_records(folder / "records.parquet", rows),) if "records" not in options else None,
        "decisions": write_decisions(folder / "decisions.parquet", rows, deny or {}),
        "terms": load("anthropic-consumer"),
        "purpose": FILTERED,
        "at": AT,
        "seed": 7,
        "sample": 1.0,
        "history_digest": "sha256:" + "ab" * 32,
        "as_of": AT,
        "sources": (LogSource("made-up", len(rows)),),
        "jobs": 1,
        "sign_key": None,
        "out": folder / "release",
        "progress": lambda *_: None,
    }
    return BuildInputs(**{**given, **options})


def built(
    folder: Path, rows: list[dict[str, Any]], deny: Mapping[str, str] | None = None, **options: Any
) -> Release:
    """Build, check what came of it as an outsider would, and return what the manifest says."""
    inputs = inputs_for(folder, rows, deny, **options)
    release = build(inputs, cheap_filter())
    check(inputs.out)
    return release


def check(release: Path) -> dict[str, Any]:
    """Check a release against docs/formats, with nothing of troth; return its statement."""
    envelope = json.loads((release / "manifest.json").read_bytes())
    payload = base64.b64decode(envelope["payload"])
    statement: dict[str, Any] = json.loads(payload)
    assert rfc8785.dumps(statement) == payload
    assert rfc8785.dumps(envelope) == (release / "manifest.json").read_bytes()
    predicate = statement["predicate"]
    assert predicate["signed"] == bool(envelope["signatures"])
    files = {path.relative_to(release).as_posix(): path for path in release.rglob("*") if path.is_file()}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert {one["name"]: one["digest"]["sha256"] for one in statement["subject"]} == {
        name: digest for name, digest in digests.items() if name != "manifest.json"
    }
    rows = []
    for shard in predicate["shards"]:
        found = pq.read_table(files[shard["name"]]).to_pylist()
        assert (shard["rows"], shard["sha256"]) == (len(found), digests[shard["name"]])
        assert shard["root"] == _root([_leaf(row) for row in found]).hex()
        rows += found
    order = [(row["conversation"].encode(), row["position"], row["record"].encode()) for row in rows]
    assert order == sorted(order)
    assert len({row["record"] for row in rows}) == len(rows)
    _check_counts(predicate, pq.read_table(files["excluded.parquet"]).to_pylist(), len(rows))
    assert predicate["statistics"]["records"] == len(rows)
    return statement


def _check_counts(predicate: dict[str, Any], excluded: list[dict[str, str]], released: int) -> None:
    counts = predicate["counts"]
    groups = Counter((row["stage"], row["reason"]) for row in excluded)
    assert groups == {(one["stage"], one["reason"]): one["records"] for one in counts["excluded"]}
    assert counts["released"] == released
    assert counts["input"] == released + len(excluded)
    order = [tuple(row[name].encode() for name in ("record", "stage", "reason")) for row in excluded]
    assert order == sorted(order)


def released_rows(release: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(release.glob("shards/*")) for row in pq.read_table(path).to_pylist()]


def excluded_rows(release: Path) -> list[dict[str, Any]]:
    return pq.read_table(release / "excluded.parquet").to_pylist()


def contents(release: Path) -> dict[str, bytes]:
    return {p.relative_to(release).as_posix(): p.read_bytes() for p in release.rglob("*") if p.is_file()}


def _leaf(row: dict[str, Any]) -> bytes:
    data, salt = row.pop("bytes"), row.pop("salt")
    assert data is None or row["digest"] == "sha256:" + hashlib.sha256(data).hexdigest()
    for name in ("at", "keep_until"):
        row[name] = None if row[name] is None else format_moment(moment_of(row[name]))
    return hashlib.sha256(b"\0" + salt + rfc8785.dumps(row)).digest()


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + _root(leaves[:left]) + _root(leaves[left:])).digest()
