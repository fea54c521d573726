"""The facts of one record at one moment, asked as if one account had said it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from troth.decide.point.against import NEVER, here, noes
from troth.decide.point.editions import Asked, Edition, Editions
from troth.decide.point.holds import visible
from troth.decide.point.index import Index
from troth.decide.point.states import UNDECIDED, Standing, covers, in_force
from troth.decide.point.subjects import ADULT, NO_FEATURES, Kept, Party, Stance, Talk
from troth.decide.sample import in_sample
from troth.decide.versions import Timetable
from troth.terms.facts import UNKNOWN
from troth.terms.model import Choice, Terms
from troth.types.moment import Moment, Period, parse_period
from troth.types.said import Said
from troth.types.vocabulary import CHANNELS, KINDS, PRODUCTS, ROLES, SIGNAL_NOES

Facts = tuple[str, ...]
"""The value of each fact, in the order of `Timetable.names`."""

OWN_FACTS = ("plan", "channel", "product", "kind", "role")
"""The facts that are the record's own: no time changes them."""

NOTHING_TOLD = ("no", "no", "no", "no", "none")
"""Whether deleted, flagged, rated, reviewed and moved, where nothing is told of a conversation."""

NO_EMPLOYER = ("no", "no", "no")
"""``zero_retention``, ``files`` and ``own_retention`` of a person who belongs to no organisation."""


class View(NamedTuple):
    """Facts at a moment, with the version that they are read under."""

    moment: Moment
    edition: Edition
    facts: Facts


class World:
    """What every question rests on: the versions of the terms, and those the history speaks of."""

    def __init__(self, terms: Terms, timetable: Timetable) -> None:
        self.editions = Editions(terms, timetable)
        self.accounts = Kept(lambda events: Party(events, timetable.acknowledged))
        self.organisations = Kept(lambda events: Party(events, lambda _: -1))
        self.talks = Kept(Talk)
        self.choices = timetable.choices(None)
        self.nothing_against: Facts = (*("none" for _ in self.choices), *("no" for _ in SIGNAL_NOES))
        """The facts of the laws where nothing stands against a record."""


class Question:
    """One record, asked about as of what was known at ``known``, as if ``account`` had said it."""

    __slots__ = ("_index", "_world", "account", "against", "deletions", "employer", "known", "opened", "person", "plan",
                 "quiet", "record", "said", "talk", "then", "under_organisation")  # fmt: skip

    def __init__(self, world: World, index: Index, record: Said, account: str | None, known: Moment) -> None:
        self._world, self._index = world, index
        self.record, self.account, self.known = record, account, known
        self.said: Moment = record.at if record.at is not None else known
        self.person = world.accounts.known(account or "", index.accounts, known)
        self.talk = world.talks.known(record.conversation, index.conversations, known)
        deletions = index.deletions.get(record.record, ())
        self.deletions = [event.at for event in deletions if visible(event, known)]
        self.quiet = self.talk.quiet and not self.deletions and not self.person.closings
        """Whether nothing was told of the conversation or record, and the account was never closed."""
        self.then = self.person.place(self.said)
        self.opened = bool(self.person.openings) and self.person.openings[0] <= self.said
        self.employer = self._organisation(self.person.stances[self.then].organisation.only)
        """The organisation that the account belonged to when the record was said."""
        self.plan = record.plan if record.plan is not None else self.plan_at(self.said)
        self.under_organisation = self.plan in world.editions.organisation_plans
        self.against = self._against()

    def _organisation(self, name: object | None) -> Party | None:
        if name is None:
            return None
        return self._world.organisations.known(str(name), self._index.organisations, self.known)

    @property
    def spoken(self) -> list[Said]:
        """What is known to have been said in the conversation."""
        return [
            other
            for other in self._index.spoken.get(self.record.conversation, ())
            if other.recorded_at <= self.known and (other.at is None or other.at <= self.known)
        ]

    @property
    def parties(self) -> frozenset[str | None]:
        """All who started, joined (even silent) or spoke, as known."""
        named = {event.account for event in self.talk.named if event.at <= self.known}
        return frozenset(named | {other.account for other in self.spoken})

    def plan_at(self, moment: Moment) -> str | None:
        """The account's plan: what was last said of it, by itself or by the organisation it belongs to."""
        stance = self.person.stances[self.person.place(moment)]
        own, joined = stance.plan, stance.organisation
        plan = str(own.only or UNKNOWN) if own.values else None
        employer = self._organisation(joined.only)
        if employer is not None:
            theirs = employer.stances[employer.place(moment)].plan
            if theirs.values and (not own.values or max(theirs.at, joined.at) > own.at):
                plan = str(theirs.only or UNKNOWN)
        return plan

    def instants(self) -> list[Moment]:
        """When something may have changed for the record, from its saying on: the steps of its life."""
        told = [self.person.moments, self.talk.moments, self.deletions, self._world.editions.begins]
        if self.employer is not None:
            told.append(self.employer.moments)
        changes = {at for moments in (*told, self._resumptions()) for at in moments}
        return [self.said, *sorted(at for at in changes if self.said < at <= self.known)]

    def _resumptions(self) -> Iterator[Moment]:
        """The first time that the account took a talk up again after each of its choices."""
        spoken = sorted(self._turns(self._world.editions.covered_plans))
        chose = (*self.person.chose, *(self.employer.chose if self.employer is not None else ()))
        return (next((at for at in spoken if at > choice), self.said) for choice in chose)

    # --- the facts, one paragraph each -------------------------------------------------------------

    def view(self, moment: Moment) -> View:
        """The facts at a moment between the record's saying and what is known."""
        place = self.person.place(moment)
        now, acknowledged = self.person.stances[place], self.person.acknowledged[place]
        edition = self._world.editions.in_force(acknowledged, moment)
        rate = edition.sample_rate
        facts = (
            UNKNOWN if self.record.at is None else "known",
            self._account(moment),
            *self.own(edition),
            "normal" if self.quiet else self.talk.mode.at(self.known),
            "private" if self.quiet else self.talk.audience.at(moment),
            self._age(now),
            self._region(now, edition),
            *(NOTHING_TOLD if self.quiet else self._told(edition, moment)),
            *(NO_EMPLOYER if self.employer is None else self._employer(self.employer, moment)),
            "yes" if rate >= 1 or (rate > 0 and in_sample(self.record.record, rate)) else "no",
            "yes" if edition.effective is not None and self.said >= edition.effective else "no",
            "ordinary",
        )
        for one in edition.asked:
            facts += self._choice(one, edition, moment)
        return View(moment, edition, facts + self.against)

    def _against(self) -> Facts:
        """The facts of the laws, as known: what stands against a use stands against it whenever it was said."""
        talk, signalled = self.talk, (self.person.signals, self.talk.signals)
        if not talk.choices and talk.projects is None and not any(signalled):
            return self._world.nothing_against
        told = [at for at in signalled if at]
        return (
            *(self._here(choice) for choice in self._world.choices),
            *(
                "yes" if any(at.get(name, self.known + 1) <= self.known for at in told) else "no"
                for name in SIGNAL_NOES
            ),
        )

    def _here(self, choice: Choice) -> str:
        projects, events, known = self.talk.projects, self._index.accounts, self.known
        named = projects.named if projects is not None and projects.since <= known else ()
        owners = [(self._world.accounts.known(account, events, known), name) for account, name in named]
        of_projects = [noes(owner.projects.get(name, ()), choice, known) for owner, name in owners]
        return here(
            self.said, noes(self.talk.choices, choice, known) if self.talk.choices else NEVER, of_projects
        )

    def _account(self, moment: Moment) -> str:
        if self.account is None or not self.opened:
            return UNKNOWN
        return "open" if self.closed(moment) is None else "closed"

    def own(self, edition: Edition) -> Facts:
        """The facts of `OWN_FACTS`."""
        record = self.record
        return (
            str(self.plan) if self.plan in edition.plans else UNKNOWN,
            record.channel if record.channel in CHANNELS else UNKNOWN,
            record.product if record.product in PRODUCTS else UNKNOWN,
            record.kind if record.kind in KINDS else UNKNOWN,
            record.role if record.role in ROLES else UNKNOWN,
        )

    def _age(self, now: Stance) -> str:
        if "minor" in now.ages or "minor" in self.person.stances[self.then].ages:
            return "minor"
        return "adult" if now.ages == ADULT else UNKNOWN

    def region(self, moment: Moment) -> str | None:
        """The account's region; None where none is told, or two at once."""
        region = self.person.stances[self.person.place(moment)].region.only
        return None if region is None else str(region)

    def _region(self, now: Stance, edition: Edition) -> str:
        if now.region.only is None:
            return "none"
        return str(now.region.only) if now.region.only in edition.regions else "other"

    def _told(self, edition: Edition, moment: Moment) -> Facts:
        return (
            "no" if self.deleted(moment) is None else "yes",
            "yes" if in_force(edition.flag, self.talk.flagged.at(moment), moment) else "no",
            "yes" if in_force(edition.rating, self.rated(edition, moment), moment) else "no",
            "yes" if in_force(edition.review, self.reviewed(edition, moment), moment) else "no",
            self._moved_to(edition, moment),
        )

    def closed(self, moment: Moment) -> Moment | None:
        """When the account was closed; an organisation's content does not go with a member's account."""
        if not self.person.closings or not self.opened or self.under_organisation:
            return None
        return self.person.closed(self.said, moment)

    def deleted(self, moment: Moment) -> Moment | None:
        """When the record was deleted: itself, with its conversation or with its account."""
        deletions = [at for at in (*self.talk.deletions, *self.deletions) if at <= moment]
        closed = self.closed(moment)
        if closed is not None:
            deletions.append(closed)
        return max(min(deletions), self.said) if deletions else None

    def rated(self, edition: Edition, moment: Moment) -> Moment | None:
        """The newest rating that covers the record: by its account, or by nobody named where it is alone."""
        signal = edition.rating
        if signal is None or not self.talk.ratings:
            return None
        several = len(self.parties) > 1
        ratings = [
            e.at
            for e in self.talk.ratings
            if e.at <= moment
            and covers(signal, self.said, e.at)
            and (e.account == self.account or (e.account is None and not several))
            and (not signal.feature or signal.feature in self._features(e.at))
        ]
        return max(ratings, default=None)

    def reviewed(self, edition: Edition, moment: Moment) -> Moment | None:
        """The newest review that covers the record."""
        signal = edition.review
        if signal is None:
            return None
        reviews = [e.at for e in self.talk.reviews if e.at <= moment and covers(signal, self.said, e.at)]
        return max(reviews, default=None)

    def _moved_to(self, edition: Edition, moment: Moment) -> str:
        moved = self.talk.moved.at(moment)
        if not moved.values:
            return "none"
        return str(moved.only) if moved.only in edition.plans else UNKNOWN

    def _employer(self, employer: Party, moment: Moment) -> Facts:
        then, now = employer.stances[employer.place(self.said)], employer.stances[employer.place(moment)]
        return (
            "yes" if then.zero_retention else "no",
            "yes" if "files" in now.features else "no",
            "yes" if now.retention else "no",
        )

    def _features(self, moment: Moment) -> frozenset[object]:
        employer = self.employer
        return NO_FEATURES if employer is None else employer.stances[employer.place(moment)].features

    def _choice(self, one: Asked, edition: Edition, moment: Moment) -> Facts:
        """The four facts of one choice."""
        chooser = self._chooser(one)
        if chooser is None:
            return (
                "undecided",
                self._reach(one, edition, UNDECIDED, moment),
                "undecided",
                one.deadline.at(moment),
            )
        standings = chooser.standings(one.number, one.choice)
        now, place = standings[chooser.place(moment)], chooser.place(self.said)
        then = standings[place]
        if then.set_at == self.said and then.state == "granted":
            then = standings[place - 1]  # said at the very instant of a grant: said before it
        return now.state, self._reach(one, edition, now, moment), then.state, one.deadline.at(moment)

    def _chooser(self, one: Asked) -> Party | None:
        """Who makes a choice for the record: the account, or its organisation."""
        by = one.choice.by
        account_chooses = by == "account" or (by == "plan" and not self.under_organisation)
        return self.person if account_chooses else self.employer

    def _reach(self, one: Asked, edition: Edition, now: Standing, moment: Moment) -> str:
        if self.plan in one.choice.default_on and not now.ever_refused:
            return "new"
        if now.state != "granted" or now.since is None:
            return "none"
        if self.said > now.since:
            return "new"
        return "resumed" if self._resumed(edition, now.since, moment) else "past"

    def _resumed(self, edition: Edition, since: Moment, moment: Moment) -> bool:
        return any(since < at <= moment for at in self._turns(edition.covered_plans))

    def _turns(self, plans: Collection[str]) -> Iterator[Moment]:
        """When the account itself spoke in the conversation under one of some plans."""
        own = (other for other in self.spoken if other.account == self.account and other.role == "user")
        for other in own:
            plan = other.plan if other.plan is not None or other.at is None else self.plan_at(other.at)
            if other.at is not None and plan in plans:
                yield other.at

    # --- the clocks and periods that retention counts with ------------------------------------------

    def clock(self, name: str, view: View) -> Moment | None:
        """A clock of the retention table; None if it never started."""
        if name == "said":
            return self.said
        if not name.startswith("refused:"):
            return self._signal(name, view)
        now = self._named_standing(name, view)
        if now.state not in ("refused", "withdrawn") or now.since is None:
            return None
        return max(now.since, self.said)

    def _signal(self, name: str, view: View) -> Moment | None:
        if name == "deleted":
            return self.deleted(view.moment)
        if name == "flagged":
            return self.talk.flagged.at(view.moment)
        signalled = self.rated if name == "rated" else self.reviewed
        return signalled(view.edition, view.moment)

    def period(self, name: str, view: View) -> Period | None:
        """``organisation``, the shortest that it set, or ``choice:NAME``; None where there is none."""
        if name == "organisation":
            employer = self.employer
            told = () if employer is None else employer.stances[employer.place(view.moment)].retention
            return min((parse_period(str(text)) for text in told), key=lambda p: p.shortest, default=None)
        return None if name == "indefinite" else self._named_standing(name, view).period

    def _named_standing(self, name: str, view: View) -> Standing:
        one = view.edition.by_name[name.partition(":")[2]]
        chooser = self._chooser(one)
        if chooser is None:
            return UNDECIDED
        return chooser.standings(one.number, one.choice)[chooser.place(view.moment)]
