"""``troth scenarios``: every question of some scenarios, answered in both ways and held to what is right.

One run of the columns answers all scenarios that share terms and options: most of the time of a small run
goes into planning its queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from troth.decide.scenarios import Scenario, read_scenarios
from troth.errors import InputError, Place, ScenarioError, UsageError
from troth.operations.scenario_judge import COLUMNS, POINT, Failure, judged
from troth.operations.scenario_ways import Group, by_columns, by_point
from troth.terms.archive import load
from troth.terms.model import Terms
from troth.terms.problems import did_you_mean
from troth.types.decision import Decision

AT_ONCE = 2
"""How many runs of the columns are under way at once: each plans its queries on one core."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of all questions."""

    passed: int
    failures: tuple[Failure, ...]

    @property
    def asked(self) -> int:
        """How many questions there were."""
        return self.passed + len(self.failures)


def run_scenarios(paths: Sequence[str]) -> Outcome:
    """Answer every question of some files and folders.

    Raises `ScenarioError`, or ``HistoryError`` for an event: an unknown name is an error, never skipped.
    """
    scenarios = [scenario for file in scenario_files(paths) for scenario in read_scenarios(file)]
    groups = list(_groups(scenarios))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        columns = pool.map(by_columns, groups)
        points = [by_point(group) for group in groups]
    answers: dict[int, tuple[list[Decision], list[Decision]]] = {}
    for group, point, column in zip(groups, points, columns, strict=True):
        for scenario, *ways in zip(group.scenarios, point, column, strict=True):
            answers[id(scenario)] = (ways[0], ways[1])
    return _outcome((scenario, *answers[id(scenario)]) for scenario in scenarios)


def _outcome(answered: Iterable[tuple[Scenario, list[Decision], list[Decision]]]) -> Outcome:
    passed, failures = 0, []
    for scenario, points, columns in answered:
        for ask, point, column in zip(scenario.ask, points, columns, strict=True):
            failure = judged(scenario, ask, {POINT: point, COLUMNS: column})
            if failure is None:
                passed += 1
            else:
                failures.append(failure)
    return Outcome(passed, tuple(failures))


def scenario_files(paths: Sequence[str]) -> list[Path]:
    """The scenario files that paths mean, each once. Raises `ScenarioError` where one means nothing."""
    found: dict[Path, None] = {}
    for name in paths:
        path = Path(name)
        files = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        if not files:
            raise ScenarioError("no scenarios in this folder", place=Place(name), remedy="give *.toml files")
        found.update(dict.fromkeys(files))
    return list(found)


def _groups(scenarios: Iterable[Scenario]) -> Iterator[Group]:
    """Scenarios by terms and settled options. An option given its default is no other option."""
    loaded: dict[tuple[str, tuple[tuple[str, str], ...]], Terms] = {}
    groups: dict[str, Group] = {}
    for scenario in scenarios:
        given = (scenario.terms, tuple(sorted(scenario.options.items())))
        if given not in loaded:
            loaded[given] = _load(scenario)
        terms = loaded[given]
        _known_names(scenario, terms)
        groups.setdefault(terms.digest, Group(terms, [])).scenarios.append(scenario)
    yield from groups.values()


def _load(scenario: Scenario) -> Terms:
    try:
        return load(scenario.terms, scenario.options)
    except (InputError, UsageError) as problem:
        raise ScenarioError(
            f"{scenario.id}: {problem.what}", place=scenario.place, remedy=problem.remedy
        ) from None


def _known_names(scenario: Scenario, terms: Terms) -> None:
    """Raise `ScenarioError` for a choice or a version that the terms do not have."""
    choices = {choice.name for version in terms.versions for choice in version.choices}
    versions = {version.version for version in terms.versions}
    for event in scenario.history.events:
        for what, name, known in (("choice", event.choice, choices), ("version", event.version, versions)):
            if name is not None and name not in known:
                raise ScenarioError(
                    f"{scenario.id}: {terms.name} has no {what} {name!r}",
                    place=scenario.place,
                    remedy=did_you_mean(name, known),
                )
