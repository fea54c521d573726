"""tau-bench: ``{"task_id", "reward", "info", "traj": [chat messages], "trial"}``.

The account is the simulated customer's, ``info.task.user_id``. Tasks are numbered anew for every model and
every domain, so the id of a conversation is derived from what was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from troth.intake.readers.elements import parse_each, told
from troth.intake.readers.openai_chat import turns_of_messages
from troth.intake.sample import JSON_SHAPES, Sample
from troth.intake.source import Source
from troth.intake.turns import Conversation, Damage, Reader


def _is_trial(value: Any) -> bool:
    if not isinstance(value, dict) or "task_id" not in value:
        return False
    messages = value.get("traj")
    return isinstance(messages, list) and bool(messages) and "role" in messages[0]


def _recognises(sample: Sample) -> bool:
    return sample.shape in JSON_SHAPES and any(map(_is_trial, sample.values))


def _account(info: Any) -> str | None:
    task = info.get("task") if isinstance(info, dict) else None
    return told(task.get("user_id")) if isinstance(task, dict) else None


def _parse(value: dict[str, Any]) -> Iterable[Conversation]:
    yield Conversation(tuple(turns_of_messages(value["traj"])), account=_account(value.get("info")))


def _read(source: Source) -> Iterator[Conversation | Damage]:
    return parse_each(source, _parse, "the trajectory of a task")


READER = Reader("tau-bench", "tau-bench trajectories", _recognises, _read)
