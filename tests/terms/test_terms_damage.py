"""Whatever stands in a file, the check gives problems and never falls; and no break goes unseen."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_terms import SMALL, checked

from troth.terms.archive import shipped, shipped_names
from troth.terms.problems import Problem

VALUES = (
    "5", "true", "[]", "{}", '"x"', '""', "[1, 2]", "1979-05-27", "{ a = 1 }", '[["a"]]', "[{}]", "1.5",
    "{ plan = 3 }", "{ region = 3 }", "{ kind = [] }", '"option:none"', '"choice:x"', "2025-01-01T00:00:00Z",
)  # fmt: skip
LINES = SMALL.splitlines()
VALUED = [number for number, line in enumerate(LINES) if " = " in line]


@given(st.lists(st.tuples(st.sampled_from(VALUED), st.sampled_from(VALUES)), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_in_any_place_gives_problems_and_no_crash(
    tmp_path: Path, broken: list[tuple[int, str]]
) -> None:
    lines = list(LINES)
    for number, value in broken:
        lines[number] = f"{lines[number].split(' = ')[0]} = {value}"
    for problem in checked(tmp_path, "\n".join(lines)):
        assert 1 <= problem.line <= len(lines)
        assert problem.what
        assert problem.remedy


@given(st.sets(st.sampled_from(range(len(LINES))), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lines_may_be_missing(tmp_path: Path, gone: set[int]) -> None:
    checked(tmp_path, "\n".join(line for number, line in enumerate(LINES) if number not in gone))


def test_an_empty_file_lacks_what_must_be_there(tmp_path: Path) -> None:
    words = [problem.what for problem in checked(tmp_path, "")]
    assert "the terms has no rules" in words


SIMPLE = {
    **dict.fromkeys(("period", "lasts"), ('"five years"',)),
    **dict.fromkeys(("clause", "text", "notice", "taken"), ("5", '""')),
    **dict.fromkeys(("published", "effective", "last_day"), ('"soon"',)),
}
"""Keys with values that they cannot have."""


def broken_line(line: str, rng: random.Random) -> str | None:
    """The line with one mistake in it; None where none is known for it."""
    key, _, value = line.partition(" = ")
    if key == "when":
        fact = rng.choice([part.split(" = ")[0] for part in value.strip("{} ").split("], ")])
        word = value.split('"')[1]
        return rng.choice(
            [line.replace(f"{fact} =", f"{fact}q =", 1), line.replace(f'"{word}"', f'"{word}q"', 1)]
        )
    if key in ("reason", "source", "effect", "kind", "from", "confidence", "by", "counts"):
        return line[:-1] + 'q"'
    if key in SIMPLE:
        return rng.choice([f"{key} = {rng.choice(SIMPLE[key])}", f"{key}q = {value}"])
    return line.replace('"]', 'q"]') if key == "purposes" else None


FILES = [file for name in shipped_names() for file in sorted((shipped() / name).glob("*.toml"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_mistake_in_any_line_of_a_shipped_profile_is_found_in_its_line(file: Path, tmp_path: Path) -> None:
    """The profile goes by another name, so that it is the mistake that is found, and not the changed text."""
    text = file.read_text(encoding="utf-8").replace(f'name = "{file.parent.name}"', 'name = "mine"', 1)
    lines = text.splitlines()
    sound = set(said(checked(tmp_path, text)))
    rng = random.Random(file.stem)
    breakable = [number for number, line in enumerate(lines) if broken_line(line, rng) is not None]
    for number in rng.sample(breakable, 10):
        broken = broken_line(lines[number], rng)
        problems = checked(tmp_path, "\n".join([*lines[:number], str(broken), *lines[number + 1 :]]))
        new = [p for p in problems if not p.note and said([p])[0] not in sound]
        header = max(n for n in range(number + 1) if lines[n].startswith("[") or n == 0)
        assert any(p.line in (number + 1, header + 1) for p in new), (lines[number], broken, new)


def said(problems: list[Problem]) -> list[str]:
    return [problem.what for problem in problems]


REMOVALS = {
    ("anthropic-consumer", "2025-09-27", "rules", "never-sold"): "no rule speaks of sell",
    ("anthropic-consumer", "2025-09-27", "retention", "chosen"): "no limit says how long",
    ("anthropic-consumer", "2025-09-27", "retention", "not-chosen-thirty-days"): "with after_no = from_said",
    ("anthropic-commercial", "2025-06-17", "retention", "enterprise-own-elsewhere"): "no limit says how long",
    ("amazon-alexa", "2025-03-28", "retention", "transcripts-said-while-not-saved"): "no limit says how long",
    ("google-keep-activity", "2025-09-02", "retention", "setting-off"): "no limit says how long",
    ("google-keep-activity", "2025-09-02", "rules", "not-shared"): "no rule speaks of share.third_party",
    ("meta-public", "2025-05-27", "retention", "kept"): "no limit says how long",
    ("meta-public", "2025-05-27", "rules", "objected"): "[parties] names no rule 'objected'",
    ("openai", "2025-05-13", "retention", "enterprise-own"): "no limit says how long",
}


@pytest.mark.parametrize("removed", REMOVALS, ids="-".join)
def test_a_table_taken_out_of_a_shipped_profile_is_missed(
    removed: tuple[str, str, str, str], tmp_path: Path
) -> None:
    name, version, table, row = removed
    text = (shipped() / name / f"{version}.toml").read_text(encoding="utf-8")
    text = text.replace(f'name = "{name}"', 'name = "mine"', 1)
    start = text.index(f'[[{table}]]\nid = "{row}"')
    end = text.find("[[", start + 2)
    problems = [p for p in checked(tmp_path, text[:start] + text[end:]) if not p.note]
    assert any(REMOVALS[removed] in p.what for p in problems), said(problems)
