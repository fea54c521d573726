"""How things stand for one person at a moment: the version in force, plan and age, and each choice of the terms."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from troth.decide.point.editions import Asked
from troth.decide.point.index import Index
from troth.decide.point.moment_view import Question, World
from troth.decide.point.states import UNDECIDED, Standing
from troth.decide.point.subjects import Kept, Party
from troth.decide.versions import Timetable
from troth.history.event import Event
from troth.operations.live.people import Person
from troth.terms.model import Choice, Retention, Rule, Terms, Version
from troth.types.moment import Moment
from troth.types.said import Said

_NEXT = "next"
"""The id of a record that nobody has said yet: what the person would say now."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How one choice stands for a person."""

    choice: Choice
    state: str
    """``undecided``, ``granted``, ``refused`` or ``withdrawn``."""
    since: Moment | None
    """When the standing yes or no began."""
    by: str
    """Who decides it: ``account`` or ``organisation``."""
    deadline: Moment | None
    """The first moment at which the time to choose is over."""
    passed: bool
    """Whether it is over."""
    on_unless_refused: bool
    """Whether the published terms take silence of this plan as a yes."""


@dataclass(frozen=True, slots=True)
class Stands:
    """How things stand for a person at a moment."""

    account: str
    state: str
    """``open``, ``closed`` or ``unknown``: the account."""
    plan: str
    """A plan of the terms, or ``unknown``."""
    age: str
    """``adult``, ``minor`` or ``unknown``."""
    covered: bool
    """Whether the terms cover the plan."""
    organisation: str | None
    """The organisation that the account belongs to."""
    under_organisation: bool
    """Whether the plan is one under which an organisation decides."""
    in_force: Version | None
    published: Version | None
    """The newest version whose text is published: what a person who chooses now has read."""
    choices: tuple[Stand, ...]
    """The choices of the published version."""

    def choice(self, name: str) -> Stand | None:
        """How one choice stands."""
        return next((one for one in self.choices if one.choice.name == name), None)


class Standpoint:
    """Terms, laid out once, for questions about one person after the other."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.timetable = Timetable(terms)
        self._world = World(terms, self.timetable)
        self._since: dict[tuple[str, int], Moment] = {}
        self.instants = _instants(terms)
        """The moments at which the terms change something for everybody, in order."""

    def stands(self, person: Person, at: Moment) -> Stands:
        """How things stand for a person, as known at ``at``: for what they would say at that moment."""
        question = self._question(person, at)
        view = question.view(at)
        facts = dict(zip(self.timetable.names, view.facts, strict=True))
        place = self.timetable.published(at)
        published = self.terms.versions[place] if place >= 0 else None
        edition = self._world.editions.all[place]
        choices = published.choices if published is not None else ()
        organisation = question.person.stances[question.then].organisation.only
        return Stands(
            account=person.account,
            state=facts["account"],
            plan=facts["plan"],
            age=facts["age"],
            covered=published is not None and facts["plan"] in published.covered_plans,
            organisation=None if organisation is None else str(organisation),
            under_organisation=question.under_organisation,
            in_force=view.edition.version,
            published=published,
            choices=tuple(self._stand(question, edition.by_name[one.name], published, at) for one in choices),
        )

    def asked_since(self, choice: str, at: Moment) -> Moment:
        """When the text was published that made a choice what it is at ``at``: no later one changed it in substance.

        A version that only moves a deadline, or finds better words, asks nobody again.
        """
        newest = place = self.timetable.published(at)
        known = self._since.get((choice, newest))
        if known is not None:
            return known
        while place > 0 and not differs_in_substance(
            self.terms.versions[place - 1], self.terms.versions[place], choice
        ):
            place -= 1
        found = self._since[choice, newest] = self.terms.versions[max(place, 0)].published
        return found

    def _question(self, person: Person, at: Moment) -> Question:
        world = copy.copy(self._world)
        world.accounts = Kept(lambda events: Party(events, self.timetable.acknowledged))
        world.organisations = Kept(lambda events: Party(events, lambda _: -1))
        said = Said(_NEXT, _NEXT, person.account, at, at)
        return Question(world, Index((*person.events, *person.theirs)), said, person.account, at)

    def _stand(self, question: Question, one: Asked, version: Version | None, at: Moment) -> Stand:

        choice = one.choice
        theirs = choice.by == "organisation" or (choice.by == "plan" and question.under_organisation)
        party = question.employer if theirs else question.person
        standing: Standing = UNDECIDED
        if party is not None:
            standing = party.standings(one.number, choice)[party.place(at)]
        deadline = None if version is None else self.timetable.last_moment(version, choice, at)
        return Stand(
            choice,
            standing.state,
            standing.since,
            "organisation" if theirs else "account",
            deadline,
            deadline is not None and at >= deadline,
            question.plan in choice.default_on and not standing.ever_refused,
        )


def differs_in_substance(old: Version, new: Version, name: str) -> bool:
    """Whether what a yes to a choice opens, or how long it keeps things, is another thing in a newer version.

    Compared are who is asked and which acts count, and every rule and row of retention that looks at the choice; not
    the wording of the notice, nor deadlines.
    """
    return _substance(old, name) != _substance(new, name)


def _substance(version: Version, name: str) -> object:
    choice = next((one for one in version.choices if one.name == name), None)
    if choice is None:
        return None
    rules = sorted(map(_of_rule, (row for row in version.rules if _looks_at(row, name))))
    rows = sorted(map(_of_retention, (row for row in version.retention if _looks_at(row, name))))
    return choice.by, choice.acts, choice.refusal, choice.period, choice.default_on, rules, rows


def _looks_at(row: Rule | Retention, name: str) -> bool:
    clock = row.clock if isinstance(row, Retention) else ""
    return clock == f"refused:{name}" or any(fact.rpartition(".")[0] == name for fact in row.when)


def _of_rule(row: Rule) -> tuple[str, ...]:
    return row.effect, ",".join(sorted(row.purposes)), _when(row)


def _of_retention(row: Retention) -> tuple[str, ...]:
    return row.kind, row.period, row.clock, _when(row)


def _when(row: Rule | Retention) -> str:
    return ";".join(f"{fact}={','.join(sorted(values))}" for fact, values in sorted(row.when.items()))


def _instants(terms: Terms) -> tuple[Moment, ...]:
    moments = {version.published for version in terms.versions} | {v.effective for v in terms.versions}
    moments |= {c.deadline for v in terms.versions for c in v.choices if c.deadline is not None}
    return tuple(sorted(moments))


def next_change(instants: Sequence[Moment], events: Sequence[Event], at: Moment) -> Moment | None:
    """The first moment after ``at`` at which the terms, or an event that is known already, changes something."""
    ahead = [one for one in instants if one > at]
    ahead += [moment for event in events for moment in (event.at, event.recorded_at) if moment > at]
    return min(ahead, default=None)
