"""JSON stays JSON and code stays code, wherever in it something is found."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import SLOW_MACHINE, TAG_MANNERS, VALUES, redact, replaced

from troth.detect.finding import Finding
from troth.detect.kinds import KINDS
from troth.detect.replace.json_tokens import json_in

MANNERS = st.sampled_from(TAG_MANNERS)
STRINGS = st.one_of(
    st.sampled_from(sorted(VALUES)),
    st.text(max_size=12),
    st.sampled_from(['a "quoted" one', "line\nnew", "\\", "\u0000", "é\ud83d"]),
)
NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just(4929123456789017),
)
JSON = st.recursive(
    st.one_of(STRINGS, NUMBERS, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(STRINGS, inner, max_size=4)),
    max_leaves=12,
)


def skeleton(value: Any) -> Any:
    """The structure of JSON: what is a list, an object, a word; of strings and numbers only that they are there."""
    if isinstance(value, dict):
        return [skeleton(inner) for inner in value.values()]
    if isinstance(value, list):
        return [skeleton(inner) for inner in value]
    return value if value is None or isinstance(value, bool) else "scalar"


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(JSON, MANNERS, st.booleans(), st.sampled_from([None, 2]), st.data())
def test_json_with_findings_anywhere_stays_json(
    value: Any, manner: str, ascii_only: bool, indent: int | None, data: st.DataObject
) -> None:
    text = json.dumps([value], ensure_ascii=ascii_only, indent=indent)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    found = [
        Finding(start, end, data.draw(st.sampled_from(sorted(KINDS))), 0.5, "any")
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    (after,) = json.loads(replaced(text, found, manner))
    # Keys may become alike, never less of a structure otherwise.
    if not _has_object(value):
        assert skeleton(after) == skeleton(value)


def _has_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_object, value)))


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["name", "mail", "n"]), STRINGS, min_size=1), min_size=1, max_size=4
    ),
    MANNERS,
)
def test_lines_and_fences_of_json_stay_json(objects: list[dict[str, str]], manner: str) -> None:
    lines = [json.dumps(one) for one in objects]
    text = (
        "John Smith sent this:\n"
        + "\n".join(lines)
        + "\n\n```json\n"
        + json.dumps(objects, indent=1)
        + "\n```\nBye."
    )
    after = redact(text, manner)
    head, _, rest = after.partition(":\n")
    assert "John Smith" not in head
    for line in rest.split("\n")[: len(lines)]:
        json.loads(line)
    json.loads(after.partition("```json\n")[2].partition("\n```")[0])


def test_a_number_becomes_a_string_or_another_number() -> None:
    text = '{"card": 4929123456789017, "other": 17}'
    found = [Finding(9, 25, "CREDIT_CARD", 0.9, "")]
    assert replaced(text, found, "tag") == '{"card": "[CREDIT_CARD_1]", "other": 17}'
    assert replaced(text, found, "mask") == '{"card": "****************", "other": 17}'
    card = json.loads(replaced(text, found, "surrogate"))["card"]
    assert isinstance(card, int)
    assert card != 4929123456789017


def test_a_finding_across_the_structure_of_json_touches_strings_alone() -> None:
    text = '{"first": "John", "last": "Smith"}'
    assert (
        replaced(text, [Finding(11, 32, "PERSON", 0.9, "")])
        == '{"first": "[PERSON_1]", "[PERSON_2]": "[PERSON_3]"}'
    )


def test_words_of_json_stay_words() -> None:
    text = '{"a": true, "b": null}'
    assert replaced(text, [Finding(6, 10, "PERSON", 0.9, ""), Finding(17, 21, "ORG", 0.9, "")]) == text


def test_an_escape_is_not_cut_in_two() -> None:
    text = r'{"t": "hi\nJohn\u00e9 x"}'
    place = text.index("nJohn")
    after = replaced(text, [Finding(place, place + 8, "PERSON", 0.9, "")])
    assert json.loads(after)["t"].startswith("hi\n[PERSON_1]")


@pytest.mark.parametrize("depth", [10, 5_000])
def test_json_of_any_depth_is_read(depth: int) -> None:
    text = "[" * depth + '"hunter2"' + "]" * depth
    assert redact(text) == "[" * depth + '"[SECRET_1]"' + "]" * depth


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1',
        "[1, 2]]",
        '{"a" 1}',
        "{1: 2}",
        '["a",]',
        "[01]",
        '["\n"]',
        "",
        "{",
        '"',
        "[1 2]",
        "{]",
        '{"a":1,}',
    ],
)
def test_what_is_no_json_is_told_apart(text: str) -> None:
    assert json_in(text) == []


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(st.one_of(JSON.map(json.dumps), st.text('[]{}",:1 truefalsn.eE-\\"x', max_size=20)))
def test_json_is_what_the_standard_library_takes_for_json(text: str) -> None:
    try:
        json.loads(text)
        is_json = True
    except ValueError:
        is_json = False
    regions = json_in(text)
    whole = bool(regions) and (regions[0].start, regions[0].end) == (0, len(text))
    if not is_json:
        assert not whole
    elif text.strip()[:1] in '[{"':
        assert whole


CODE = '''
import os
john_smith = "John Smith"
password = "hunter2"
card = 4929123456789017
def send_to_johnny(mail="j.smith82@gmail.com", *, count=123456789):
    """Ask John Smith, or call (415) 867-5309."""
    # written by John Smith
    return f"{mail}" + 'hunter2' + str(card)
'''


@pytest.mark.parametrize("manner", TAG_MANNERS)
def test_python_can_still_be_parsed(manner: str) -> None:
    after = redact(CODE, manner)
    ast.parse(after)
    assert "John Smith" not in after
    assert "hunter2" not in after


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW_MACHINE)
@given(MANNERS, st.data())
def test_names_in_python_stay_names(manner: str, data: st.DataObject) -> None:
    """Findings on whole names and within them."""
    name = "customer_johnny_smith_id"
    text = f"def f({name}):\n    return {name} + 1\n"
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    found = [
        Finding(
            at + start, at + end, data.draw(st.sampled_from(["PERSON", "USERNAME", "SECRET", "ORG"])), 0.9, ""
        )
        for at in (text.index(name), text.rindex(name))
    ]
    first, last = name[:start], name[end:]
    if not (first or last):
        return  # a whole name takes knowing that this is code: see the zones
    ast.parse(replaced(text, found, manner))
