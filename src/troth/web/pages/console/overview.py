"""The first page: what is overdue, how many chose what over time, and how the ledger is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from markupsafe import Markup
from starlette.responses import Response

from troth.operations.live.chosen import STATES, ChosenOverTime
from troth.operations.live.ledger_state import LedgerState, ledger_state
from troth.types.moment import Moment
from troth.web.api.requests import RequestsQuery
from troth.web.pages.console.desk import Desk, offered
from troth.web.pages.console.figures import figure, known_figure
from troth.web.pages.console.retention import DUE, Queue
from troth.web.pages.console.rights import CONSOLE
from troth.web.pages.page import Answering, Visit
from troth.web.pages.pictures import Layer, stacked

WORDS = {
    "granted": "Yes",
    "undecided": "Undecided",
    "refused": "No",
    "withdrawn": "Yes, taken back",
    "organisation": "Their organisation decides",
}
FOLLOWS = 60_000_000
"""Microseconds after which an entry that waits for its place in the ledger is worth telling."""


@dataclass(frozen=True, slots=True)
class Urgent:
    """Something that is not as it should be, and where to look."""

    words: str
    address: str


def routes(desk: Desk) -> Iterator[tuple[str, str, Answering]]:
    """The addresses of this part."""

    async def show(visit: Visit) -> Response:
        await visit.require("console.overview", CONSOLE)
        chosen = await figure(visit, "chosen", "", tuple[ChosenOverTime, ...], {})
        ledger = await visit.service.read(ledger_state)
        live = visit.service.live
        urgent = [*_of_ledger(ledger, live.trouble, visit.at), *[one async for one in _of_people(visit)]]
        return desk.draw(
            visit, "overview.html",
            chosen=chosen, pictures=[_pictured(one) for one in chosen.value or ()], ledger=ledger, urgent=urgent,
            terms=live.terms, words=WORDS, states=STATES,
        )  # fmt: skip

    yield "GET", "/console", show


@dataclass(frozen=True, slots=True)
class Pictured:
    """One choice with its picture."""

    choice: ChosenOverTime
    total: int
    layers: list[Layer]
    picture: Markup


def _pictured(one: ChosenOverTime) -> Pictured:
    layers = [
        Layer(WORDS[state], state, [step.counts[place] for step in one.steps])
        for place, state in enumerate(STATES)
    ]
    total = sum(one.steps[-1].counts)
    return Pictured(one, total, layers, stacked(layers, [step.ends for step in one.steps], "people"))


def _of_ledger(ledger: LedgerState, trouble: str | None, at: Moment) -> Iterator[Urgent]:
    if trouble is not None:
        yield Urgent(f"The ledger does not go on: {trouble}", "#ledger")
    late = at - ledger.at > FOLLOWS
    if ledger.waiting and late:
        yield Urgent(f"{ledger.waiting:,} entries wait for their place in the ledger", "#ledger")
    if ledger.published < ledger.size and late:
        yield Urgent("The newest entries are not published yet", "#ledger")
    missing = [one.name for one in ledger.witnesses if not one.cosigned]
    if missing:
        yield Urgent(f"Not cosigned by: {', '.join(missing)}", "#ledger")


async def _of_people(visit: Visit) -> AsyncIterator[Urgent]:
    if offered(visit.caller, "requests.list"):
        found = await visit.ask("requests.list", query=RequestsQuery(state="open", limit=100))
        late = sum(one.overdue for one in found.requests)
        if late:
            more = " or more" if late == len(found.requests) and found.next else ""
            yield Urgent(f"{late:,}{more} requests of people are overdue", "/console/requests")
    if offered(visit.caller, "console.retention"):
        queue = (await known_figure(visit, *DUE, Queue)).value
        if queue is not None and queue.records:
            yield Urgent(f"{queue.records:,} records are past their date", "/console/retention")
        if queue is not None and queue.stays:
            yield Urgent(
                f"{queue.stays:,} records are past their date and stay, most for a hold", "/console/retention"
            )
