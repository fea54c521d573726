"""What stands against records beside the choices of accounts: noes for a conversation or project, and signals.

Made only where a history tells of any. Everything is as known at the moment asked about: a no stands against a
use whenever the record was said; only what lifted it looks at that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troth.decide.columns.dialect import one_of, same, text, texts
from troth.decide.columns.layout import Holds, Layout
from troth.types.vocabulary import PERSONAL_ACTS, SIGNAL_NOES

NARROW = "event = 'choice.made' AND (conversation IS NOT NULL OR project IS NOT NULL)"
"""The choices for one conversation or project: never choices of the account as a whole."""

SIGNALLED = "event = 'signal.received'"

TOLD = {"narrow": NARROW, "signals": SIGNALLED}
"""What a history may tell of here, by the name under which it is noted (``Tables.filled``)."""


def tables(layout: Layout, filled: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The tables that a history needs, each with its query, in the order in which they are made."""
    if "narrow" in filled:
        yield "noes", _noes(layout)
        yield "conversation_noes", _conversation_noes(layout)
    if "signals" in filled:
        yield "account_signals", _signals("account", "conversation IS NULL")
        yield "conversation_signals", _signals("conversation", "conversation IS NOT NULL")


def _noes(layout: Layout) -> str:
    """The last no of each person to each choice for each place, and when that person took it back."""
    keys = ("m", "conversation", "project", "account", "choice")
    objections = {choice.name for choice in layout.choices if choice.refusal == "granted"}
    refusal = f"CASE WHEN {one_of('choice', objections)} THEN 'granted' ELSE 'refused' END"
    person = (
        f"coalesce(mechanism, 'dialog') IN {texts(PERSONAL_ACTS)} "
        "AND coalesce(initial_state, 'none') IN ('none', 'off')"
    )
    together = " AND ".join(same(f"y.{key}", f"n.{key}") for key in keys)
    names = ", ".join(keys)
    return f"""
WITH act AS (
  SELECT {names}, happened,
    CASE WHEN value = 'deferred' THEN NULL WHEN value = {refusal} THEN true WHEN {person} THEN false END AS away
  FROM visible WHERE {NARROW} AND {one_of("choice", {choice.name for choice in layout.choices})}
), last AS (
  SELECT {names}, max(happened) AS refused FROM act WHERE away GROUP BY {names}
)
SELECT {", ".join(f"n.{key}" for key in keys)}, min(y.happened) AS lifted
FROM last n LEFT JOIN act y ON {together} AND NOT y.away AND y.happened > n.refused
GROUP BY {", ".join(f"n.{key}" for key in keys)}
"""


def _conversation_noes(layout: Layout) -> str:
    """For each conversation and choice: whether a no of its own stands, or one of its project, or when they were lifted.

    Its project is what the first beginning that named one said; all of them, where several at one instant differ.
    """
    columns = []
    for place, choice in enumerate(layout.choices):
        mine = f"choice = {text(choice.name)}"
        columns += [
            f"bool_or({mine} AND own AND lifted IS NULL) AS c{place}_conversation",
            f"bool_or({mine} AND NOT own AND lifted IS NULL) AS c{place}_project",
            f"max(lifted) FILTER (WHERE {mine}) AS c{place}_lifted",
        ]
    return f"""
WITH kept AS (
  SELECT m, conversation, account, project, happened
  FROM visible WHERE event = 'conversation.started' AND project IS NOT NULL
), concerned AS (
  SELECT k.m, k.conversation FROM kept k SEMI JOIN noes n
  ON n.m = k.m AND n.account = k.account AND n.project = k.project
), begun AS (
  SELECT k.*, min(happened) OVER (PARTITION BY k.m, k.conversation) AS first
  FROM kept k SEMI JOIN concerned c ON c.m = k.m AND c.conversation = k.conversation
), projects AS (
  SELECT DISTINCT m, conversation, account, project FROM begun WHERE happened = first
), against AS (
  SELECT m, conversation, choice, lifted, true AS own FROM noes WHERE conversation IS NOT NULL
  UNION ALL
  SELECT p.m, p.conversation, n.choice, n.lifted, false AS own FROM projects p
  JOIN noes n ON n.m = p.m AND n.account = p.account AND n.project = p.project
)
SELECT m, conversation, {", ".join(columns)} FROM against GROUP BY m, conversation
"""


def _signals(key: str, condition: str) -> str:
    """Which signals said no, by account or by conversation. No later value takes one back."""
    said = ", ".join(
        f"bool_or(signal = {text(name)} AND value = {text(no)}) AS {name}" for name, no in SIGNAL_NOES.items()
    )
    return f"SELECT m, {key}, {said} FROM visible WHERE {SIGNALLED} AND {condition} GROUP BY m, {key}"


def joins(filled: frozenset[str], same_moment: Mapping[str, str]) -> Iterator[str]:
    """The joins of a row to those tables. ``same_moment`` gives the condition on the moment for each alias."""
    if "narrow" in filled:
        yield f"LEFT JOIN conversation_noes hn ON {same_moment['hn']}hn.conversation = r.conversation"
    if "signals" in filled:
        yield f"LEFT JOIN account_signals ga ON {same_moment['ga']}ga.account = r.account"
        yield f"LEFT JOIN conversation_signals gc ON {same_moment['gc']}gc.conversation = r.conversation"


ALIASES = ("hn", "ga", "gc")


def columns(layout: Layout, filled: frozenset[str]) -> Iterator[str]:
    """What a row takes from those joins."""
    if "narrow" in filled:
        for place in range(len(layout.choices)):
            for name in ("conversation", "project", "lifted"):
                yield f"hn.c{place}_{name} AS here_c{place}_{name}"
    if "signals" in filled:
        for name in SIGNAL_NOES:
            yield f"coalesce(ga.{name}, false) OR coalesce(gc.{name}, false) AS said_no_{name}"


def expressions(layout: Layout, filled: frozenset[str]) -> dict[str, str | Holds]:
    """One expression for each fact of the laws."""
    facts: dict[str, str | Holds] = {}
    for place, choice in enumerate(layout.choices):
        name = f"r.here_c{place}"
        facts[f"{choice.name}.here"] = (
            f"CASE WHEN {name}_conversation THEN 'conversation' WHEN {name}_project THEN 'project' "
            f"WHEN r.said <= {name}_lifted THEN 'lifted' ELSE 'none' END"
            if "narrow" in filled
            else "'none'"
        )
    for signal in SIGNAL_NOES:
        facts[signal] = Holds(f"r.said_no_{signal}" if "signals" in filled else "false")
    return facts
