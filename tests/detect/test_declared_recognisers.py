"""Recognisers and allowed values that terms declare: data, checked before they are used."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.custom import Declared, Declaring, declared_in, manners_in, problems
from troth.detect.finding import Finding
from troth.errors import Place, TermsError
from troth.terms.model import Allowed, Recogniser
from troth.terms.parse import TermsFile

PLACE = Place("terms.toml", 3)


def recogniser(
    pattern: str, check: str = "", context: tuple[str, ...] = (), kind: str = "TICKET"
) -> Recogniser:
    return Recogniser(kind, pattern, check, context, (), (), "", PLACE)


def found(text: str, *recognisers: Recogniser) -> list[str]:
    return [text[one.start : one.end] for one in Declared(recognisers).find(text)]


def test_a_pattern_finds_its_group_or_all_of_it() -> None:
    assert found("see TKT-12 and TKT-7", recogniser(r"TKT-\d+")) == ["TKT-12", "TKT-7"]
    assert found("ticket: 99", recogniser(r"ticket: (\d+)")) == ["99"]


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("luhn", "79927398713", "79927398714"),
        ("verhoeff", "2363", "2364"),
        ("damm", "5724", "5725"),
        ("mod-97-10", "9999123456789012168", "9999123456789012169"),
        ("mod-11-2", "0000000121032683", "0000000121032684"),
        ("mod-11-10", "794623", "794624"),
        ("mod-37-2", "G123489654321Y", "G123489654321Z"),
        ("mod-37-36", "A12425GABC1234002M", "A12425GABC1234002N"),
        ("mod-11", "080442957X", "0804429571"),
        ("mod-10", "4006381333931", "4006381333932"),
    ],
)
def test_a_check_lets_the_right_ones_through(check: str, right: str, wrong: str) -> None:
    one = recogniser("[0-9A-Z]{4,20}", check)
    assert found(f"a {right} b {wrong} c", one) == [right]


def test_every_check_of_the_language_is_one_here() -> None:
    from troth.detect.custom import _CHECKS
    from troth.terms.sensitive import CHECKS

    assert set(CHECKS) == set(_CHECKS)


def test_a_word_of_the_context_must_stand_near() -> None:
    one = recogniser(r"\d{6}", context=("case", "Fall"))
    assert found("my case 123456", one) == ["123456"]
    assert found("123456 ist der FALL", one) == ["123456"]
    assert found("my order 123456", one) == []
    assert found("the showcases 123456", one) == []
    assert found("case " + "x" * 100 + " 123456", one) == []


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_can_be_looked_at(text: str) -> None:
    for finding in Declared((recogniser(r"\w+"), recogniser(".", kind="DOT"))).find(text):
        assert 0 <= finding.start < finding.end <= len(text)


def test_offsets_are_those_of_the_text_whatever_stands_in_it() -> None:
    text = "\ud800é漢\u200b ＴＫＴ－１２ TKT-34"
    assert found(text, recogniser(r"TKT-\d+"))[-1] == "TKT-34"


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(a|a)*b", r"(?:.*){20}x", r"a{0,500}b"])
def test_no_pattern_makes_a_text_slow(pattern: str) -> None:
    """Sixteen times the text does not take more than some thirty times as long."""
    one = recogniser(pattern)

    def seconds(length: int) -> float:
        start = time.process_time()
        Declared((one,)).find("a" * length)
        return time.process_time() - start

    seconds(10)
    assert seconds(32_000) < 60 * max(seconds(2_000), 0.01)


def test_what_is_allowed_stays() -> None:
    allowed = Allowed(("help@shop.test",), (r".*@docs\.test",), ("EMAIL",), "", PLACE)
    declared = Declared((), (allowed,))
    assert declared.allows("EMAIL", "help@shop.test")
    assert declared.allows("EMAIL", "ann@docs.test")
    assert not declared.allows("EMAIL", "ann@docs.test.evil")
    assert not declared.allows("USERNAME", "help@shop.test")
    assert Declared((), (Allowed(("S3",), (), (), "", PLACE),)).allows("ORG", "S3")


class Half:
    """Finds the first half of every text."""

    digest = "sha256:" + "1" * 64

    def find(
        self,
        texts: Sequence[str | None],
        conversations: Sequence[str] | None = None,  # noqa: ARG002
    ) -> list[list[Finding]]:
        return [[Finding(0, len(text) // 2, "ORG", 0.5, "half")] if text else [] for text in texts]


def test_what_the_terms_declare_goes_before_what_troth_finds() -> None:
    both = Declaring(Half(), Declared((recogniser(r"TKT-\d+"),)))
    (one, other) = both.find(["TKT-12 or nothing more of it", "hello"])
    assert [f.kind for f in one] == ["TICKET"]
    assert [f.kind for f in other] == ["ORG"]
    assert both.find([None, ""]) == [[], []]
    again = pickle.loads(pickle.dumps(both))  # noqa: S301 — our own bytes
    assert again.digest == both.digest != Half.digest
    assert Declaring(Half(), Declared((recogniser(r"TKT-\d"),))).digest != both.digest


def test_what_was_declared_and_found_once_is_found_in_all_of_its_conversation() -> None:
    """Also where no word of the context stands near, and in no other conversation."""
    both = Declaring(Half(), Declared((recogniser(r"[A-Z]{2}\d{6}", context=("case",)),)))
    texts = [
        "my case AB123456, please",
        "x" * 100 + " AB123456 again, and AB1234567, XAB123456, CD123456 ",
        "AB123456",
    ]
    rows = both.find(texts, ["a", "a", "b"])
    tickets = [
        [text[f.start : f.end] for f in row if f.kind == "TICKET"]
        for text, row in zip(texts, rows, strict=True)
    ]
    assert tickets == [["AB123456"], ["AB123456"], []]


def test_many_findings_do_not_make_a_text_slow() -> None:
    both = Declaring(Half(), Declared((recogniser(r"TKT-\d+"), recogniser(r"\d", kind="DIGIT"))))

    def seconds(count: int) -> float:
        text = "".join(f"TKT-{number} 7 " for number in range(count))
        taken = []
        for _ in range(3):
            start = time.process_time()
            both.find([text])
            taken.append(time.process_time() - start)
        return min(taken)

    assert seconds(8_000) < 24 * max(seconds(1_000), 0.03)  # eight times as long; the square would be 64


# --- in a terms file ------------------------------------------------------------------------------


def version(small: str, more: str, folder: Path) -> object:
    path = folder / "small.toml"
    path.write_text(small + more, encoding="utf-8")
    file = TermsFile.read(path)
    read = file.version({})
    file.problems.raise_first()
    return read


@pytest.fixture
def small(shared: Path) -> str:
    from troth.terms.archive import shipped

    return (shipped() / "anthropic-consumer" / "2025-09-27.toml").read_text(encoding="utf-8")


TICKET = """
[[recognisers]]
kind = "TICKET"
pattern = 'TKT-(\\\\d{4})\\\\b'
finds = [
  "see TKT-{1234}.",
  "TKT-{1234} and TKT-{5678}",
]
passes = ["TKT-12", "TKT-12345"]
text = "Support tickets"
""".replace("\\\\", "\\")


def test_what_a_file_declares_is_found_and_replaced_as_it_says(small: str, tmp_path: Path) -> None:
    more = TICKET + '\n[[allowed]]\nvalues = ["Claude"]\ntext = "Our own product"\n'
    filtered = small.replace(
        "[[filters]]\n", '[[filters]]\nreplace = { "*" = "surrogate", TICKET = "drop" }\n', 1
    )
    read = version(filtered, more, tmp_path)
    declared = declared_in(read)  # type: ignore[arg-type]
    assert declared.kinds == {"TICKET"}
    assert [f.kind for f in declared.find("TKT-1234")] == ["TICKET"]
    manners = manners_in(read, "train.general")  # type: ignore[arg-type]
    assert (manners.of("TICKET"), manners.of("PERSON")) == ("drop", "surrogate")
    assert manners_in(read, "review.human").of("TICKET") == "tag"  # type: ignore[arg-type]


def test_terms_that_declare_nothing_mean_what_they_meant() -> None:
    from troth.terms.archive import load, shipped_names

    for name in shipped_names():
        for one in load(name).versions:
            assert declared_in(one) == Declared()
            assert manners_in(one, "train.general").told() == {"*": "tag"}
            assert list(problems(one)) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("TKT-{1234}.", "TKT-{123}4.", "finds '1234', and should find '123'"),
        ("see TKT-{1234}.", "see {nothing}.", "finds nothing, and should find 'nothing'"),
        ("see TKT-{1234}.", "see TKT-1234.", "marks nothing to be found"),
        ('"TKT-12"', '"TKT-1212"', "finds '1212', and should find nothing"),
        (r"TKT-(\d{4})\b", r"TKT-(\d{4}", "RE2 does not take the pattern"),
        (r"TKT-(\d{4})\b", r"(?=TKT)(\d{4})", "RE2 does not take the pattern"),
        (r"TKT-(\d{4})\b", r"(TKT)-(\d{4})\b", "more than one group"),
        ('kind = "TICKET"', 'kind = "EMAIL"', "is found already"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    small: str, tmp_path: Path, old: str, new: str, what: str
) -> None:
    assert old in TICKET
    text = TICKET.replace(old, new)
    read = version(small, text, tmp_path)
    with pytest.raises(TermsError) as problem:
        declared_in(read)  # type: ignore[arg-type]
    assert what in problem.value.what
    place = problem.value.place
    assert place is not None
    assert place.line is not None
    line = (small + text).splitlines()[place.line - 1]
    if "case" in problem.value.what:
        assert new.strip('"') in line


def test_two_manners_for_one_kind_are_named(small: str, tmp_path: Path) -> None:
    first = small.replace("[[filters]]\n", '[[filters]]\nreplace = { PERSON = "mask" }\n', 1)
    again = '\n[[filters]]\npurposes = ["train.general"]\nclause = "x"\ntext = "x"\nreplace = { PERSON = "tag", NOBODY = "tag" }\n'
    told = [problem.what for problem in problems(version(first, again, tmp_path))]  # type: ignore[arg-type]
    assert any("for train.general, PERSON is replaced by mask and by tag" in one for one in told)
    assert any("there is no kind 'NOBODY'" in one for one in told)
