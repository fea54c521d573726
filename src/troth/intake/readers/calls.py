"""Calls to a model, which repeat the conversation so far, put back together as conversations.

Each call sends the history again and adds what is new. A turn that an earlier call of the conversation
already held at the same place, after the same turns, is a repetition and becomes no second record: its one
record has the earliest time that any call tells. The first call that shows a turn tells its time only if no
answer follows it there; what stands before an answer was said earlier, at a time that this log does not
tell.

Where a call sends only the newest part of the history, the part is recognised by its beginning, if that is
what the call before it ended with. Instructions and thoughts may change or go missing between calls: they
are told apart by what they say, not by what they follow.

Kept are hashes: 16 bytes and a time for each turn, and the last turns of each of the newest conversations.
The calls are read twice, for calls need not lie in the order of time.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from troth.intake.readers.blocks import Thought
from troth.intake.readers.elements import MISSHAPEN
from troth.intake.readers.parts import gathered
from troth.intake.turns import Conversation, Damage, Turn
from troth.types.moment import Moment

_SIZE = 16
_TAIL = 32
"""How many of a conversation's last turns are remembered, to recognise a history cut at its front."""
_TAILS = 1 << 16
"""Of how many conversations."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a model."""

    conversation: str
    said: tuple[Turn, ...]
    """The history and the question, instructions among them."""
    answered: tuple[Turn, ...] = ()
    asked_at: Moment | None = None
    answered_at: Moment | None = None
    account: str | None = None
    channel: str = "first_party"
    model: str | None = None
    line: int | None = None
    apart: str | None = None
    """The id of a call that belongs to no talk, as the run of a tool does: it repeats nothing."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A turn at its place in its conversation."""

    place: bytes
    turn: Turn
    at: Moment | None


@dataclass(frozen=True, slots=True)
class _Step:
    """A turn of a call on its way to its place."""

    turn: Turn
    content: bytes
    at: Moment | None

    is_instruction: bool
    counts: bool
    """Whether a turn has its place among the others: all but thoughts and instructions."""


def calls_in(
    rows: Iterator[tuple[int, Any] | Damage], parse: Callable[[int, Any], Iterable[Call]], what: str
) -> Iterator[Call | Damage]:
    """The calls that ``parse`` finds in each row, or that the row is no ``what``."""
    for row in rows:
        if isinstance(row, Damage):
            yield row
            continue
        try:
            found = list(parse(*row))
        except MISSHAPEN:
            yield Damage(row[0], f"it is not {what}, as the rest of the log is")
            continue
        yield from found


def conversations_of_calls(read: Callable[[], Iterator[Call | Damage]]) -> Iterator[Conversation | Damage]:
    """The new turns of every call. A call that holds no words is a conversation without turns."""
    yield from gathered(_new_turns(read))


def _new_turns(read: Callable[[], Iterator[Call | Damage]]) -> Iterator[Conversation | Damage]:
    earliest = _earliest(read())
    history, kept, counts = _History(), set[bytes](), Counter[tuple[str, str | None]]()
    for each in read():
        if isinstance(each, Damage):
            yield each
            continue
        turns, key = list[Turn](), (each.conversation, each.account)
        for found in history.place(each):
            if found.place in kept:
                continue
            kept.add(found.place)
            at, own = earliest.get(found.place), found.place.hex()
            turns.append(replace(found.turn, id=own, at=at, position=counts[key]))
            counts[key] += 1
        if turns or not (each.said or each.answered):
            yield _part_of(each, turns)


def _part_of(call: Call, turns: list[Turn]) -> Conversation:
    return Conversation(
        tuple(turns),
        id=call.conversation,
        account=call.account,
        product="api",
        channel=call.channel,
        line=call.line,
    )


def _earliest(calls: Iterator[Call | Damage]) -> dict[bytes, Moment]:
    history, earliest = _History(), dict[bytes, Moment]()
    for each in calls:
        if isinstance(each, Damage):
            continue
        for found in history.place(each):
            if found.at is not None:
                earliest[found.place] = min(found.at, earliest.get(found.place, found.at))
    return earliest


class _History:
    """Where each turn of a call stands in its conversation, by all that was said before it."""

    def __init__(self) -> None:
        self._known = set[bytes]()
        self._tails = OrderedDict[bytes, tuple[bytes, bytes]]()

    def place(self, call: Call) -> list[_Placed]:
        """The turns of a call at their places, without those that a shortened history repeats."""
        root = _hash(b"", call.conversation, call.account, call.apart)
        steps = _steps(call)
        asked = steps[: len(call.said)]
        repeated, place = self._begin(root, _contents(asked))
        placed = list[_Placed]()
        for step in steps:
            if step.is_instruction:
                placed.append(_Placed(_hash(root, step.content), step.turn, step.at))
            elif repeated:
                repeated -= step.counts
            else:
                here = _hash(place, step.content)
                placed.append(_Placed(here, step.turn, step.at))
                place = here if step.counts else place
        self._known.update(found.place for found in placed)
        self._remember(root, place, _contents(steps)[-_TAIL * _SIZE :])
        return placed

    def _begin(self, root: bytes, steps: bytes) -> tuple[int, bytes]:
        """How many leading turns are the end of what the call before held, and the place after them."""
        first = steps[:_SIZE]
        if root in self._tails and first and _hash(root, first) not in self._known:
            place, tail = self._tails[root]
            for length in range(min(len(steps), len(tail)), 0, -_SIZE):
                if tail.endswith(steps[:length]):
                    return length // _SIZE, place
        return 0, root

    def _remember(self, root: bytes, place: bytes, tail: bytes) -> None:
        self._tails[root] = place, tail
        self._tails.move_to_end(root)
        if len(self._tails) > _TAILS:
            self._tails.popitem(last=False)


def _steps(call: Call) -> list[_Step]:
    """The turns of a call in order, each with the time that the call tells of it."""
    newest = max((index for index, turn in enumerate(call.said, 1) if turn.role == "assistant"), default=0)
    steps = [
        _step(turn, call.asked_at if index >= newest or _is_instruction(turn) else None)
        for index, turn in enumerate(call.said)
    ]
    at = call.asked_at if call.answered_at is None else call.answered_at
    return steps + [_step(replace(turn, model=call.model), at) for turn in call.answered]


def _step(turn: Turn, at: Moment | None) -> _Step:
    ruling = _is_instruction(turn)
    return _Step(turn, _content(turn), at, ruling, not ruling and not isinstance(turn, Thought))


def _contents(steps: list[_Step]) -> bytes:
    return b"".join(step.content for step in steps if step.counts)


def _is_instruction(turn: Turn) -> bool:
    return turn.role == "tool" and turn.tool == "system"


def _content(turn: Turn) -> bytes:
    text = None if turn.text is None else turn.text.strip()
    tool = turn.tool if turn.role == "assistant" else None
    return _hash(b"", turn.role, turn.kind, text, turn.digest or turn.path, tool)


def _hash(before: bytes, *parts: str | bytes | None) -> bytes:
    """A hash of parts that cannot run into one another: each stands behind its length."""
    whole = [before]
    for part in parts:
        data = b"\x00" if part is None else b"\x01" + (part.encode() if isinstance(part, str) else part)
        whole += (b"%d:" % len(data), data)
    return hashlib.sha256(b"".join(whole)).digest()[:_SIZE]
