"""The facts of one record at one moment, asked as if one account had said it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from troth.decide.point.index import Index
from troth.decide.point.states import (
    UNDECIDED,
    Standing,
    covers,
    flagged_since,
    in_force,
    known_or,
    latest,
    opened_and_closed,
    standing,
)
from troth.decide.sample import in_sample
from troth.decide.versions import Timetable
from troth.history.event import Event
from troth.terms.facts import UNKNOWN
from troth.terms.model import Choice, Terms, Version
from troth.types.moment import Moment, Period, parse_period
from troth.types.said import Said
from troth.types.vocabulary import AGES, AUDIENCES, CHANNELS, KINDS, MODES, PRODUCTS, ROLES

Facts = tuple[str, ...]
"""The value of each fact, in the order of ``troth.terms.table.fact_names``."""


@dataclass(frozen=True, slots=True)
class View:
    """Facts at a moment, with the version they are read under and the clocks that retention counts from."""

    version: Version | None
    facts: Facts
    clocks: Mapping[str, Moment | None]
    """``said``, ``deleted``, ``flagged``, ``rated``, ``reviewed`` and ``refused:NAME`` for each choice."""
    periods: Mapping[str, Period | None]
    """``organisation`` and ``choice:NAME`` for each choice of a period."""


class Question:
    """One record, asked about as of what was known at ``known``, as if ``account`` had said it."""

    def __init__(
        self, terms: Terms, timetable: Timetable, index: Index, said: Said, account: str | None, known: Moment
    ) -> None:
        def visible(events: Sequence[Event]) -> list[Event]:
            return [e for e in events if e.at <= known and e.recorded_at <= known]

        self.terms, self.timetable, self.record, self.account = terms, timetable, said, account
        self.said: Moment = said.at if said.at is not None else known
        self.known = known
        self.of_account = visible(index.accounts.get(account or "", ()))
        self.of_conversation = visible(index.conversations.get(said.conversation, ()))
        self.deletions = visible(index.deletions.get(said.record, ()))
        self.spoken = [
            other
            for other in index.spoken.get(said.conversation, ())
            if other.recorded_at <= known and (other.at is None or other.at <= known)
        ]
        self.organisation = latest(self.of_account, "organisation", self.said).only
        self.of_organisation = visible(index.organisations.get(str(self.organisation), ()))
        self.plan = said.plan if said.plan is not None else self.plan_at(self.said)
        self._index, self._visible = index, visible

    @property
    def parties(self) -> frozenset[str | None]:
        """All who started, joined (even silent) or spoke, as known."""
        named = {
            e.account
            for e in self.of_conversation
            if e.event in ("conversation.started", "conversation.joined")
        }
        return frozenset(named | {other.account for other in self.spoken})

    @property
    def under_organisation(self) -> bool:
        """Whether the record was said under an organisation's plan."""
        return any(self.plan in version.organisation_plans for version in self.terms.versions)

    def plan_at(self, moment: Moment) -> str | None:
        """The account's plan: what was last said of it, by itself or by the organisation it belongs to."""
        own = latest(self.of_account, "plan", moment)
        joined = latest(self.of_account, "organisation", moment)
        plan, at = (str(own.only) if own.only else UNKNOWN, own.at) if own.values else (None, None)
        if joined.only is not None:
            events = self._events_of(str(joined.only))
            theirs = latest(events, "plan", moment)
            since = max(theirs.at, joined.at)
            if theirs.values and (at is None or since > at):
                plan = str(theirs.only) if theirs.only else UNKNOWN
        return plan

    def _events_of(self, organisation: str) -> list[Event]:
        if organisation == self.organisation:
            return self.of_organisation
        return self._visible(self._index.organisations.get(organisation, ()))

    def instants(self) -> list[Moment]:
        """When something may have changed for the record, from its saying on: the steps of its life."""
        changes = {
            e.at
            for events in (self.of_account, self.of_organisation, self.of_conversation, self.deletions)
            for e in events
        }
        changes |= {version.effective for version in self.terms.versions}
        changes |= self._resumptions()
        return [self.said, *sorted(at for at in changes if self.said < at <= self.known)]

    def _resumptions(self) -> set[Moment]:
        """The first time that the account spoke again after each of its choices."""
        spoken = sorted(s.at for s in self.spoken if s.account == self.account and s.at is not None)
        made = {e.at for e in (*self.of_account, *self.of_organisation) if e.event == "choice.made"}
        return {next((at for at in spoken if at > choice), self.said) for choice in made}

    # --- the facts, one paragraph each -------------------------------------------------------------

    def view(self, moment: Moment) -> View:
        """The facts at a moment between the record's saying and what is known."""
        version = self.timetable.in_force(self.of_account, moment)
        opened, closed = opened_and_closed(self.of_account, self.said, moment)
        closed = closed if opened and not self.under_organisation else None
        deleted = self._deleted(moment, closed)
        flagged = flagged_since(self.of_conversation, moment)
        signals = version.signals if version else {}
        rated = self._rated(version, moment)
        reviewed = self._reviewed(version, moment)
        retention = latest(self.of_organisation, "retention", moment).values
        clocks: dict[str, Moment | None] = {
            "said": self.said, "deleted": deleted, "flagged": flagged, "rated": rated, "reviewed": reviewed,
        }  # fmt: skip
        periods: dict[str, Period | None] = {
            "organisation": min(
                (parse_period(str(text)) for text in retention), key=lambda p: p.shortest, default=None
            )
        }
        facts = [
            "known" if self.record.at is not None else UNKNOWN,
            UNKNOWN if self.account is None or not opened else "closed" if closed is not None else "open",
            known_or(self.plan, self._plans(version), UNKNOWN),
            known_or(self.record.channel, CHANNELS, UNKNOWN),
            known_or(self.record.product, PRODUCTS, UNKNOWN),
            known_or(self.record.kind, KINDS, UNKNOWN),
            known_or(self.record.role, ROLES, UNKNOWN),
            self._mode(),
            self._audience(moment),
            self._age(moment),
            self._region(version, moment),
            "yes" if deleted is not None else "no",
            "yes" if in_force(signals.get("flag"), flagged, moment) else "no",
            "yes" if in_force(signals.get("rating"), rated, moment) else "no",
            "yes" if in_force(signals.get("review"), reviewed, moment) else "no",
            self._moved_to(version, moment),
            self._zero_retention(),
            "yes" if "files" in self._features(moment) else "no",
            "yes" if retention else "no",
            "yes" if version and in_sample(self.record.record, version.sample_rate) else "no",
            "yes" if version and self.said >= version.effective else "no",
            "ordinary",
        ]
        for choice in self.timetable.choices(version):
            now = self._standing(choice, moment)
            clocks[f"refused:{choice.name}"] = self._refused_since(now)
            periods[f"choice:{choice.name}"] = now.period
            facts += [
                now.state,
                self._reach(choice, version, now, moment),
                self._standing(choice, self.said, said=True).state,
                self.timetable.deadline(version, choice, moment),
            ]
        return View(version, tuple(facts), clocks, periods)

    def _plans(self, version: Version | None) -> tuple[str, ...]:
        return version.plans if version else ()

    def _deleted(self, moment: Moment, closed: Moment | None) -> Moment | None:
        deletions = [
            e.at
            for e in (*self.of_conversation, *self.deletions)
            if e.event in ("conversation.deleted", "record.deleted") and e.at <= moment
        ]
        if closed is not None:
            deletions.append(closed)
        return max(min(deletions), self.said) if deletions else None

    def _rated(self, version: Version | None, moment: Moment) -> Moment | None:
        signal = version.signals.get("rating") if version else None
        if signal is None:
            return None
        several = len(self.parties) > 1
        ratings = [
            e.at
            for e in self.of_conversation
            if e.event == "conversation.rated"
            and e.at <= moment
            and covers(signal, self.said, e.at)
            and (e.account == self.account or (e.account is None and not several))
            and (not signal.feature or signal.feature in self._features(e.at))
        ]
        return max(ratings, default=None)

    def _reviewed(self, version: Version | None, moment: Moment) -> Moment | None:
        signal = version.signals.get("review") if version else None
        if signal is None:
            return None
        reviews = [
            e.at
            for e in self.of_conversation
            if e.event == "conversation.reviewed" and e.at <= moment and covers(signal, self.said, e.at)
        ]
        return max(reviews, default=None)

    def _mode(self) -> str:
        modes = {
            known_or(e.mode, MODES, "normal")
            for e in self.of_conversation
            if e.event == "conversation.started"
        }
        return next((m for m in ("incognito", UNKNOWN) if m in modes), "normal")

    def _audience(self, moment: Moment) -> str:
        last: Moment | None = None
        audiences: set[str] = set()
        for event in self.of_conversation:
            if event.event not in ("conversation.started", "conversation.audience") or event.at > moment:
                continue
            if event.at != last:
                last, audiences = event.at, set()
            audiences.add(known_or(event.audience, AUDIENCES, "private"))
        return next((a for a in ("private", UNKNOWN) if a in audiences), "public" if audiences else "private")

    def _age(self, moment: Moment) -> str:
        now = self._ages(moment)
        if "minor" in now or "minor" in self._ages(self.said):
            return "minor"
        return "adult" if now == {"adult"} else UNKNOWN

    def _ages(self, moment: Moment) -> set[str]:
        values = latest(self.of_account, "age", moment).values
        return {known_or(value, AGES, "adult") for value in values} or {"adult"}

    def _region(self, version: Version | None, moment: Moment) -> str:
        region = latest(self.of_account, "region", moment).only
        if region is None:
            return "none"
        return str(region) if version and region in self.timetable.regions(version) else "other"

    def _moved_to(self, version: Version | None, moment: Moment) -> str:
        moves = [e for e in self.of_conversation if e.event == "conversation.migrated"]
        moved = latest(moves, "plan", moment)
        if not moved.values:
            return "none"
        return known_or(moved.only, self._plans(version), UNKNOWN) if moved.only else UNKNOWN

    def _zero_retention(self) -> str:
        values = latest(self.of_organisation, "zero_retention", self.said).values
        return "yes" if True in values else "no"

    def _features(self, moment: Moment) -> frozenset[str]:
        lists = [frozenset(v) for v in latest(self.of_organisation, "features", moment).values if isinstance(v, tuple)]
        return frozenset.intersection(*lists) if lists else frozenset()

    def _standing(self, choice: Choice, moment: Moment, *, said: bool = False) -> Standing:
        if choice.by == "account" or (choice.by == "plan" and not self.under_organisation):
            events = self.of_account
        elif self.organisation is not None:
            events = self.of_organisation
        else:
            return UNDECIDED
        return standing(events, choice, moment, said=said)

    def _refused_since(self, now: Standing) -> Moment | None:
        if now.state not in ("refused", "withdrawn") or now.since is None:
            return None
        return max(now.since, self.said)

    def _reach(self, choice: Choice, version: Version | None, now: Standing, moment: Moment) -> str:
        silence_is_yes = self.plan in choice.default_on and not now.ever_refused
        if silence_is_yes:
            return "new"
        if now.state != "granted" or now.since is None:
            return "none"
        if self.said > now.since:
            return "new"
        return "resumed" if self._resumed(version, now.since, moment) else "past"

    def _resumed(self, version: Version | None, since: Moment, moment: Moment) -> bool:
        return version is not None and any(
            other.role == "user"
            and other.account == self.account
            and other.at is not None
            and since < other.at <= moment
            and (other.plan if other.plan is not None else self.plan_at(other.at)) in version.covered_plans
            for other in self.spoken
        )
