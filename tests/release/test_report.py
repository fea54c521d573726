"""The page and the summary of a release: numbers add up, labels keep apart, and nothing foreign is obeyed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.errors import ReleaseError
from troth.release import manifest as m
from troth.release.flow import (
    MOST_BANDS,
    NARROW,
    THINNEST,
    WIDE,
    Flow,
    Leaving,
    Size,
    boxes,
    grouped,
    lay_out,
    share,
    wrap,
)
from troth.release.report import (
    LeftOut,
    Where,
    allowed,
    flow_of,
    read_left_out,
    report_html,
    report_text,
    summary_rows,
)
from troth.release.rows import EXCLUDED_SCHEMA
from troth.terms.archive import load

WHERE = Where("releases/2025-11", "sha256:" + "ab" * 32, 41)
EXCLUDED = (
    ("intake", "repeated", 3),
    ("decide", "incognito", 20),
    ("decide", "undecided", 312),
    ("filter", "unfiltered_media", 1),
    ("deduplicate", "exact_duplicate", 7),
    ("sample", "not_sampled", 90),
)
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&{{7*7}}"


def release(excluded: Any = EXCLUDED, released: int = 567, **more: Any) -> m.Release:
    total = released + sum(records for _, _, records in excluded)
    told = m.Statistics(
        conversations=min(released, 60), records=released, words=released * 50, text_bytes=released * 300,
        media_records=0, media_bytes=0, products={"chat": released}, kinds={"text": released},
        roles={"user": released}, plans={"pro": released}, months={"2025-10": released},
        languages=m.Languages("a method", 10, {"en": 10}), contributors=m.Contributors(9, 0.25, 1.0, 1.0),
    )  # fmt: skip
    made = m.Release(
        software=m.Software("troth", "0.1.0", {}), purpose="train.general", at="2025-11-01T00:00:00Z", seed=7,
        sample=0.9, terms=m.TermsPart("anthropic-consumer", "2025-09-27", "sha256:" + "5" * 64, (), {}),
        history=m.HistoryPart("sha256:" + "2" * 64, "2025-10-31T00:00:00Z"),
        records=m.RecordsPart("sha256:" + "3" * 64, (m.Source("claude-export", total),)),
        inputs_digest="sha256:" + "4" * 64,
        counts=m.Counts(total, released, tuple(m.Excluded(*entry) for entry in excluded)),
        filter=m.FilterPart(
            True, "troth-detect/1", "sha256:" + "1" * 64, ("Help 8325621",), ("text",), {"*": "tag"}, 4, {"EMAIL": 4}, 4, "2" * 64,
            m.SecondLook(1200, 1000, 3, {"EMAIL": 2, "PERSON": 1}, 0.001021, 0.008783),
        ),
        deduplicate=m.DeduplicatePart(
            "troth-words/1", m.Near("R-MinHash", 5, 128, 16, 8, 1, 0.8), 2, 0, m.DeniedCopies(1, 0)
        ),
        shards=(), statistics=told, salts="key", sealed=False, signed=True, keyid="06" * 32,
        ledger=None, membership=None,
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


class Page(HTMLParser):
    """What a browser would make of the page: its elements and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


# --- the flow ---------------------------------------------------------------------------------------

STAGES = ("intake", "decide", "filter", "deduplicate", "sample")
leavings = st.builds(
    Leaving,
    st.sampled_from(STAGES),
    st.text("abc_", min_size=1, max_size=40),
    st.integers(1, 10**9),
    st.text(max_size=200),
)
flows = st.builds(
    lambda leaving, released: Flow(tuple(sorted(leaving, key=lambda one: STAGES.index(one.stage))), released),
    st.lists(leavings, max_size=40),
    st.integers(0, 10**9),
)


@given(flows, st.sampled_from([WIDE, NARROW]))
def test_bands_add_up_and_labels_keep_apart(flow: Flow, size: Size) -> None:
    picture = lay_out(grouped(flow), size)
    widths = sum(band.width for band in picture.bands) + picture.released.width
    assert widths == pytest.approx(size.stream if flow.total else 0)
    assert sum(band.records for band in picture.bands) + picture.released.records == flow.total
    for (_, bottom), (top, _) in pairwise(boxes(picture.labels)):
        assert top >= bottom
    for label, mark in ((label, mark) for label in picture.labels for mark in picture.stages):
        assert mark.y <= label.y or mark.y - 11 >= label.y + label.height
    assert all(label.y + label.height < picture.released_y - 17 for label in picture.labels)
    assert picture.released_y + 18 < picture.height


@given(flows, st.sampled_from([WIDE, NARROW]))
def test_words_stay_in_the_picture(flow: Flow, size: Size) -> None:
    for label in lay_out(grouped(flow), size).labels:
        room = size.width - size.labels
        assert all(len(line) * 13 * 0.54 <= room + 8 for line in label.lines)
        assert (len(label.number) + len(label.name) + len(label.share) + 2) * 15 * 0.54 <= room + 17


def test_each_band_begins_where_its_neighbour_ends() -> None:
    flow = flow_of(release(), summary_rows(release()))
    picture = lay_out(flow, WIDE)
    edges = [(band.left, band.left + band.width) for band in picture.bands]
    assert edges[0][1] == WIDE.margin + WIDE.stream
    for (left, _), (_, right) in pairwise(edges):
        assert left == pytest.approx(right)
    assert picture.released.left + picture.released.width == pytest.approx(edges[-1][0])


def test_one_record_of_a_thousand_million_is_still_drawn() -> None:
    picture = lay_out(Flow((Leaving("decide", "minor", 1, "A minor."),), 10**9), WIDE)
    (band,) = picture.bands
    assert band.width < 0.001
    right = WIDE.margin + WIDE.stream
    assert band.path.startswith(f"M{right - THINNEST:.2f} ")


def test_nothing_released_and_nothing_at_all_can_be_drawn() -> None:
    nothing = lay_out(Flow((Leaving("decide", "undecided", 9, "Not decided."),), 0), NARROW)
    assert nothing.released.path == ""
    empty = lay_out(Flow((), 0), WIDE)
    assert empty.bands == ()
    assert empty.released.path == ""


def test_hundreds_of_reasons_are_grouped_by_stage_with_the_same_numbers() -> None:
    leaving = tuple(Leaving(STAGES[n % 2], f"reason_{n}", n + 1, "Why.") for n in range(300))
    ordered = Flow(tuple(sorted(leaving, key=lambda one: STAGES.index(one.stage))), 50)
    small = grouped(ordered)
    assert small.total == ordered.total
    assert len(small.leaving) == MOST_BANDS + 2
    assert [one.reason for one in small.leaving if "more reasons" in one.reason] == ["142 more reasons"] * 2
    assert grouped(small, MOST_BANDS + 2) == small


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ("",)),
        ("one", ("one",)),
        ("one two three", ("one two", "three")),
        ("abcdefghijklmnop", ("abcdefghi-", "jklmnop")),
        (
            "a b c d e f g h i j k l m n o p q r s t u v w x y z",
            ("a b c d e", "f g h i j", "k l m n o", "p q r s t…"),
        ),
    ],
)
def test_words_are_wrapped(text: str, lines: tuple[str, ...]) -> None:
    assert wrap(text, 10 * 13 * 0.54 + 1, 13) == lines


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_never_rounds_to_nothing_or_all(records: int, total: int) -> None:
    text = share(min(records, total), total)
    assert (text == "0 %") == (records == 0)
    assert (text == "100 %") == (records >= total)


# --- the page ---------------------------------------------------------------------------------------


def test_the_page_tells_every_number_reason_and_how_to_check() -> None:
    page = Page(report_html(release(), WHERE, terms=load("anthropic-consumer")))
    for word in (
        "Signed release", "Conversations for general model training", "567 of 1,000 records", "41",
        "The person has not decided, and silence is not a yes.", "312", "31.2 %", "Not allowed by the terms",
        "Help 10023580, incognito", "releases/2025-11", "sha256:" + "ab" * 32,
        "troth verify releases/2025-11 --key SIGNER.pub", "Help 8325621", "changed 4 records (4 EMAIL), 4 words in all",
        "90 % of the conversations, drawn with seed 7", "claude-export", "1 November 2025, 00:00 UTC",
        "absence from this release is not absence from another", "Taken:",
    ):  # fmt: skip
        assert word in page.text, word


def test_the_page_needs_nothing_from_outside() -> None:
    text = report_html(release(), WHERE, terms=load("anthropic-consumer"))
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not any(
        name.startswith("on") or name in ("src", "srcset", "action") for name, _ in page.attributes
    )
    assert all(value and value.startswith("https://") for name, value in page.attributes if name == "href")
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []
    assert "default-src 'none'" in text


def test_the_picture_can_be_read_without_seeing_it() -> None:
    page = Page(report_html(release(), WHERE))
    assert page.tags.count("svg") == 2
    assert page.tags.count("title") == 3
    assert page.tags.count("desc") == 2
    assert "312 left: undecided, stage decide." in page.text
    assert ("role", "img") in page.attributes
    assert page.tags.count("h1") == 1
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("place", range(9))
def test_whatever_comes_from_outside_is_only_words(place: int) -> None:
    made = release()
    terms = msgspec.structs.replace(made.terms, name=EVIL, version=EVIL, options={EVIL: EVIL})
    hostile: list[dict[str, Any]] = [
        {"purpose": EVIL}, {"at": EVIL}, {"terms": terms}, {"keyid": EVIL}, {"inputs_digest": EVIL},
        {"records": m.RecordsPart(EVIL, (m.Source(EVIL, 1),))},
        {"software": m.Software(EVIL, EVIL, {})},
        {"statistics": msgspec.structs.replace(made.statistics, products={EVIL: 4})},
        {"counts": m.Counts(10, 1, (m.Excluded(EVIL, EVIL, 9),))},
    ]  # fmt: skip
    made = msgspec.structs.replace(made, **hostile[place])
    left = (LeftOut("decide", "undecided", EVIL, EVIL, 312),)
    text = report_html(made, Where(EVIL, EVIL), left=left)
    page = Page(text)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "<script" not in text
    assert "{{7*7}}" in text
    lines = report_text(made, Where("a\n\x1b[31m", "b"), left=left).splitlines()
    assert all(line.isprintable() for line in lines)


def test_nothing_and_hundreds_of_reasons_make_a_page_and_a_summary() -> None:
    for made in (release((), 0), release((("decide", "undecided", 4),), 0)):
        assert "Nothing was released" in report_html(made, WHERE)
        assert " 0  records released" in report_text(made, WHERE)
    many = release(tuple(("decide", f"reason_{n}", n + 1) for n in range(300)))
    assert "284 more reasons" in report_html(many, WHERE)
    assert len(report_text(many, WHERE).splitlines()) == 30


def test_a_release_without_signature_says_so() -> None:
    made = release(signed=False, keyid=None, salts="seed")
    assert "Unsigned release" in report_html(made, WHERE)
    assert "not signed: anyone could have made it" in report_text(made, WHERE)
    assert "--key" not in report_text(made, WHERE)


# --- the summary --------------------------------------------------------------------------------------


def test_the_summary_is_aligned_and_short() -> None:
    text = report_text(release(), WHERE, terms=load("anthropic-consumer"))
    lines = text.splitlines()
    assert len(lines) <= 30
    assert lines[:5] == [
        "Release for general model training, decided at 2025-11-01T00:00:00Z",
        "under anthropic-consumer, version 2025-09-27",
        "",
        "  1,000  records went in",
        "    312  undecided           31.2 %  decide  Consumer Terms s.4; see the finding opt-in-or-opt-out",
    ]
    assert "    567  records released  56.7 %" in lines
    numbers = [line for line in lines[3:11] if line]
    assert len({re.match(r" *[\d,]+", line).end() for line in numbers}) == 1  # type: ignore[union-attr]


def test_rows_say_which_clauses_were_the_reason() -> None:
    left = (
        LeftOut("decide", "undecided", "a", "Clause A", 12),
        LeftOut("decide", "undecided", "b", "Clause B", 300),
        LeftOut("decide", "incognito", "", "", 20),
    )
    rows = {row.reason: row for row in summary_rows(release(), left=left)}
    assert rows["undecided"].clauses == ("Clause B", "Clause A")
    assert rows["incognito"].clauses == ()
    assert rows["undecided"].share == pytest.approx(0.312)
    assert rows["repeated"].text.startswith("The same record came in more than once")
    without = {row.reason: row for row in summary_rows(release(), load("anthropic-consumer"))}
    assert without["incognito"].clauses == ("Help 10023580, incognito",)
    assert msgspec.json.encode(rows["undecided"])


def test_allowed_is_what_left_only_after_the_decision() -> None:
    assert allowed(release()) == 567 + 1 + 7 + 90


def test_groups_are_read_from_the_list(tmp_path: Path) -> None:
    rows = [
        {
            "record": f"r{n}",
            "conversation": "c",
            "stage": "decide",
            "reason": "refused",
            "rule": "no",
            "clause": "§ 1",
        }
        for n in range(3)
    ]
    path = tmp_path / "excluded.parquet"
    pq.write_table(pa.Table.from_pylist(rows, EXCLUDED_SCHEMA), path)
    assert read_left_out(path) == (LeftOut("decide", "refused", "no", "§ 1", 3),)
    path.write_bytes(b"PAR1")
    with pytest.raises(ReleaseError, match="cannot be read"):
        read_left_out(path)
