"""The second look of a build: a sample of what was released is looked at again, and the risk stands in the manifest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from release_worlds import PLAIN, contents, inputs_for, released_rows, talk

from troth.build import second_look
from troth.build.card import card
from troth.build.pipeline import build
from troth.detect.filter import SensitiveFilter
from troth.detect.finding import Finding
from troth.detect.replace.manner import Manners
from troth.detect.second_look import left_in
from troth.errors import ReleaseError
from troth.release.manifest import SecondLook
from troth.types.interval import told


@dataclass(frozen=True)
class Names:
    """Finds some words, and more of them on a second look."""

    usual: str = "Ann"
    more: str = "Ann|Bob|Zork"
    kind: str = "PERSON"
    digest: str = "sha256:" + "1" * 64

    def find(
        self, texts: Sequence[str | None], conversations: Sequence[str] | None = None
    ) -> list[list[Finding]]:
        del conversations
        return [
            [
                Finding(*found.span(), self.kind, 0.9, "test/word")
                for found in re.finditer(self.usual, text or "")
            ]
            for text in texts
        ]

    def strict(self) -> Names:
        return Names(self.more, kind=self.kind)


def names(manner: str = "tag") -> SensitiveFilter:
    return SensitiveFilter(Names(), Manners(manner))


def rows(count: int = 4) -> list[dict[str, Any]]:
    """Every fourth text still holds a name after the filter."""
    found = []
    for number in range(count):
        who = "Bob and Bob" if number % 4 == 1 else "Ann"
        found += talk(f"c{number:04d}", f"I am {who}, number {number}, and my {number} words are my own.")
    return found


def look(folder: Path, content: list[dict[str, Any]], **options: Any) -> SecondLook:
    release = build(inputs_for(folder, content, **options), names())
    assert release.filter.second_look is not None
    return release.filter.second_look


def test_what_the_filter_left_is_told_with_an_interval(tmp_path: Path) -> None:
    release = build(inputs_for(tmp_path, rows()), names())
    assert release.filter.second_look == SecondLook(4, 4, 1, {"PERSON": 2}, *told(1, 4))
    assert "found something in 1 (2 PERSON)" in card(release)


def test_what_is_not_released_is_not_counted(tmp_path: Path) -> None:
    twice = talk("d", "The same words that Bob said.") + talk("e", "The same words that Bob said.")
    empty = talk("f", "")
    found = look(tmp_path, rows() + twice + empty, deny={"c0001": "refused"})
    assert found == SecondLook(4, 4, 1, {"PERSON": 1}, *told(1, 4))


def test_where_no_filter_is_required_nobody_looks(tmp_path: Path) -> None:
    release = build(inputs_for(tmp_path, rows(), purpose=PLAIN), names())
    assert release.filter.second_look is None


def test_where_nothing_is_released_nothing_is_known(tmp_path: Path) -> None:
    everybody = {f"c{number:04d}": "refused" for number in range(4)}
    assert look(tmp_path, rows(), deny=everybody) == SecondLook(0, 0, 0, {}, 0.0, 1.0)


def test_a_sample_is_drawn_as_the_format_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_look, "LOOKED_AT", 20)
    content = rows(120)
    found = look(tmp_path, content, sample=0.5)
    limit = int(20 / (120 * 0.5) * 2**52)

    def drawn(record: str) -> bool:
        digest = hashlib.sha256(f"troth:second-look:1\0{7}\0{record}".encode()).hexdigest()
        return int(digest[:13], 16) < limit

    released = released_rows(tmp_path / "release")
    sample = [row for row in released if drawn(row["record"])]
    holding = sum("Bob" in row["text"] for row in sample)
    assert (found.texts, found.looked_at, found.holding) == (len(released), len(sample), holding)
    assert 5 < found.looked_at < 40
    assert 0 < holding < len(sample)


def test_kept_findings_tell_the_same_of_another_filter(tmp_path: Path) -> None:
    build(inputs_for(tmp_path / "first", rows()), names())
    kept = tmp_path / "first" / "release.findings"
    other = SensitiveFilter(Names("nothing at all", "word"))
    build(inputs_for(tmp_path / "again", rows(), kept=kept), other)
    assert contents(tmp_path / "first" / "release") == contents(tmp_path / "again" / "release")


def test_an_age_that_was_put_is_not_taken_for_one_that_was_left(tmp_path: Path) -> None:
    """It has no form of its own: only the build knows that it stands for another."""
    ages = Names(r"\d\d(?= years)", r"\d\d(?= years| days)", "AGE")
    content = talk("a", "I am 33 years old, she is 61 years old.") + talk(
        "b", "It is 47 years old, or 19 days."
    )
    release = build(inputs_for(tmp_path, content), SensitiveFilter(ages, Manners("surrogate")))
    assert [row["text"] for row in released_rows(tmp_path / "release")] == [
        "I am 35 years old, she is 65 years old.", "It is 45 years old, or 19 days.",
    ]  # fmt: skip
    assert release.filter.second_look == SecondLook(2, 2, 1, {"AGE": 1}, *told(1, 2))


class Failing(Names):
    """A finder that fails on a second look."""

    def strict(self) -> Names:
        raise OSError("the weights cannot be read")


def test_a_filter_that_fails_leaves_no_release(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="the weights cannot be read"):
        build(inputs_for(tmp_path, rows()), SensitiveFilter(Failing(), Manners("tag")))
    assert not (tmp_path / "release").exists()
    assert not (tmp_path / "release.findings").exists()


def test_what_was_put_is_nothing_that_was_left() -> None:
    """A surrogate that looks like a name does not count; a name beside it does."""
    text = "Zork met Zork, and Zork Bob."
    places = [(0, 4), (19, 23)]
    finder = Names(more="Zork Bob|Zork|Bob")
    found = left_in([text, text], finder, frozenset(), [places, []])
    assert [(one.start, one.end) for one in found[0]] == [(9, 13), (19, 27)]
    assert len(found[1]) == 3


@pytest.mark.parametrize(("text", "count"), [("[PERSON_1], a", 0), ("[PERSON_1] Al", 1), ("[PERSON_1] x", 0)])
def test_a_tag_hides_what_is_in_it_and_no_more(text: str, count: int) -> None:
    everything = Names(more=".+")
    assert len(left_in([text], everything, frozenset({"PERSON"}))[0]) == count
