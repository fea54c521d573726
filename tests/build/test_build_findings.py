"""What a build keeps of its filter: findings beside the release, with which it can be built again."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from release_worlds import FILTERED, PLAIN, contents, excluded_rows, inputs_for, released_rows, talk

from cheap_filter import cheap_filter
from sealed_world import Slots, recorded, slots_of
from troth.build import selection
from troth.build.pipeline import build
from troth.detect.filter import Filtered, Talks
from troth.errors import ReleaseError
from troth.release.findings import FindingsFile, Wanted
from troth.release.manifest import Release
from troth.release.sealed_rows import release_key
from troth.types.edit import edited

TEXT = "Mail ann@corp.test or call +49 30 1234567; or ann@corp.test."


def rows(conversations: int = 1) -> list[dict[str, Any]]:
    found = talk("a", TEXT, "I wrote to bob@corp.test.", "Nothing here.")
    for number in range(1, conversations):
        found += talk(
            f"b{number:03d}",
            f"I am number {number} of many, at user{number}@corp.test, and I like {number} apples.",
        )
    return found


class Broken:
    """A filter that must not be asked."""

    name, digest, manners = "broken/1", "sha256:" + "0" * 64, {"*": "tag"}

    def reads(self, media_type: str | None) -> bool:  # noqa: ARG002
        return False

    def replace(self, talks: Talks) -> Filtered:  # noqa: ARG002
        raise AssertionError("the filter was asked")


def test_findings_lie_beside_the_release_and_make_its_texts(tmp_path: Path) -> None:
    release = build(inputs_for(tmp_path, rows(), purpose=FILTERED), cheap_filter())
    path = tmp_path / "release.findings"
    assert release.filter.findings == hashlib.sha256(path.read_bytes()).hexdigest()
    file = FindingsFile(path)
    assert (file.sealed, file.head.inputs, file.head.digest) == (
        False,
        release.inputs_digest,
        release.filter.digest,
    )
    kept = file.of(Wanted({"a/0", "a/1", "a/2"}))
    assert sorted(kept) == ["a/0", "a/1"]
    texts = [row["text"] for row in released_rows(tmp_path / "release")]
    assert texts[0] == edited(TEXT, kept["a/0"]) == "Mail [EMAIL_1] or call [PHONE_1]; or [EMAIL_1]."
    assert texts[1:] == ["I wrote to [EMAIL_2].", "Nothing here."]
    assert (release.filter.records, release.filter.replaced) == (2, {"EMAIL": 3, "PHONE": 1})
    assert release.filter.words == 6  # four stretches; the number has three words
    assert release.filter.manners == {"*": "tag"}


def test_without_a_duty_there_are_no_findings(tmp_path: Path) -> None:
    release = build(inputs_for(tmp_path, rows(), purpose=PLAIN), cheap_filter())
    assert (release.filter.findings, release.filter.manners) == ("", {})
    assert not (tmp_path / "release.findings").exists()


def test_without_a_filter_nothing_passes(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="require a filter, and there is none"):
        build(inputs_for(tmp_path, rows(), purpose=FILTERED), None)
    assert not (tmp_path / "release").exists()
    build(inputs_for(tmp_path / "plain", rows(), purpose=PLAIN), None)


@pytest.mark.parametrize("manner", ["surrogate", "pseudonym", "mask"])
def test_the_same_inputs_give_the_same_bytes_in_any_number_of_processes(
    tmp_path: Path, manner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "_CHUNK_ROWS", 4)
    for name, jobs in (("one", 1), ("two", 2)):
        build(inputs_for(tmp_path / name, rows(9), purpose=FILTERED, jobs=jobs), cheap_filter(manner))
    assert contents(tmp_path / "one" / "release") == contents(tmp_path / "two" / "release")
    assert (tmp_path / "one" / "release.findings").read_bytes() == (
        tmp_path / "two" / "release.findings"
    ).read_bytes()


def test_another_seed_draws_other_surrogates(tmp_path: Path) -> None:
    texts = []
    for seed in (7, 8):
        build(
            inputs_for(tmp_path / str(seed), rows(), purpose=FILTERED, seed=seed), cheap_filter("surrogate")
        )
        texts.append([row["text"] for row in released_rows(tmp_path / str(seed) / "release")])
    assert texts[0] != texts[1]
    assert all("corp.test" not in text for text in texts[0] + texts[1])


def test_kept_findings_build_the_same_release_without_the_filter(tmp_path: Path) -> None:
    build(inputs_for(tmp_path / "first", rows(9), purpose=FILTERED), cheap_filter("surrogate", PHONE="drop"))
    kept = tmp_path / "first" / "release.findings"
    build(inputs_for(tmp_path / "again", rows(9), purpose=FILTERED, kept=kept), Broken())
    assert contents(tmp_path / "first" / "release") == contents(tmp_path / "again" / "release")
    assert (tmp_path / "again" / "release.findings").read_bytes() == kept.read_bytes()


def test_findings_of_other_inputs_are_refused(tmp_path: Path) -> None:
    build(inputs_for(tmp_path / "first", rows(), purpose=FILTERED), cheap_filter())
    kept = tmp_path / "first" / "release.findings"
    with pytest.raises(ReleaseError, match="of a build from other inputs"):
        build(inputs_for(tmp_path / "again", rows(2), purpose=FILTERED, kept=kept), cheap_filter())
    kept.write_bytes(kept.read_bytes()[:-20])
    with pytest.raises(ReleaseError, match="no file of findings"):
        build(inputs_for(tmp_path / "third", rows(), purpose=FILTERED, kept=kept), cheap_filter())


def test_a_record_with_what_is_dropped_leaves_and_is_listed(tmp_path: Path) -> None:
    release = build(inputs_for(tmp_path, rows(), purpose=FILTERED), cheap_filter("tag", PHONE="drop"))
    assert [row["record"] for row in released_rows(tmp_path / "release")] == ["a/1", "a/2"]
    left = [(row["record"], row["stage"], row["reason"]) for row in excluded_rows(tmp_path / "release")]
    assert ("a/0", "filter", "sensitive_record") in left
    assert release.filter.records == 1
    assert release.filter.manners == {"*": "tag", "PHONE": "drop"}


def sealed(folder: Path, slots: Slots, **options: Any) -> Release:
    folder.mkdir(parents=True, exist_ok=True)
    inputs = inputs_for(folder, rows(4), purpose=FILTERED, recorded=recorded(folder, slots), **options)
    return build(inputs, Broken() if "kept" in options else cheap_filter("surrogate"))


def test_findings_of_a_sealed_release_are_sealed(tmp_path: Path) -> None:
    slots = slots_of(rows(4))
    release = sealed(tmp_path / "first", slots)
    path = tmp_path / "first" / "release.findings"
    data = path.read_bytes()
    assert release.filter.findings == hashlib.sha256(data).hexdigest()
    assert pq.read_schema(path).names == ["slot", "sealed"]
    for word in (b"a/0", b"b001", b"EMAIL", b"example.", b"corp.test"):
        assert word not in data
    sealed(tmp_path / "again", slots, kept=path)
    assert contents(tmp_path / "first" / "release") == contents(tmp_path / "again" / "release")
    assert (tmp_path / "again" / "release.findings").read_bytes() == data


def test_with_a_vault_surrogates_follow_from_the_key_of_the_conversation(tmp_path: Path) -> None:
    """Neither another seed nor another release changes them: comparing two releases tells nothing."""
    made = []
    for seed in (7, 8):
        slots = slots_of(rows(4))
        release = sealed(tmp_path / str(seed), slots, seed=seed)
        file = FindingsFile(tmp_path / str(seed) / "release.findings")
        keys = {slot: release_key(slots.key(slot), release.inputs_digest) for slot in slots.of.values()}
        kept = file.of(Wanted({"a/0", "a/1", "b001/0"}, keys))
        made.append({record: [edit.put for edit in edits] for record, edits in kept.items()})
    assert made[0] == made[1]
    assert len(made[0]) == 3


def test_a_conversation_whose_key_is_gone_is_not_filtered_and_not_released(tmp_path: Path) -> None:
    slots = slots_of(rows(4))
    slots.erase("b001")
    with pytest.raises(ReleaseError, match="its key is gone"):
        sealed(tmp_path, slots)
    assert not (tmp_path / "release").exists()
    assert not (tmp_path / "release.findings").exists()


def test_a_killed_publication_leaves_findings_that_the_next_build_replaces(tmp_path: Path) -> None:
    inputs = inputs_for(tmp_path, rows(), purpose=FILTERED)
    (tmp_path / "release.findings").write_bytes(b"of a build that was killed")
    build(inputs, cheap_filter())
    assert FindingsFile(tmp_path / "release.findings").head.inputs
    with pytest.raises(Exception, match="exists"):
        build(dataclasses.replace(inputs, seed=9), cheap_filter())
