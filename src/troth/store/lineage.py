"""Which artefacts were made from which releases and other artefacts, as a table of (child, parent)."""

from __future__ import annotations

from collections.abc import Collection

from troth.errors import StoreError
from troth.store.engine import Engine
from troth.store.interface import Item
from troth.store.names import name_bytes

_DOWN = (
    "WITH RECURSIVE made (child, parent) AS (SELECT child, parent FROM lineage WHERE {names}"
    " UNION SELECT l.child, l.parent FROM lineage l JOIN made m ON l.parent = m.child)"
    " SELECT child, parent FROM made"
)
"""UNION drops what was met before, so that a cycle ends."""


def add(engine: Engine, item: Item, child: str, parents: Collection[str]) -> None:
    """Record the parents of an artefact, with the item, in one transaction."""
    given = sorted(set(parents))
    for name in (child, *given):
        name_bytes(name)
    with engine.writing("lineage"):
        known = engine.rows("SELECT parent FROM lineage WHERE child = ?", (child,))
        if known:
            _same(child, given, sorted(parent for (parent,) in known))
            return
        _possible(engine, child, given)
        for parent in given:
            engine.change("INSERT INTO lineage (child, parent) VALUES (?, ?)", (child, parent))
        engine.accept([item])


def _same(child: str, given: list[str], known: list[str]) -> None:
    if given != known:
        raise StoreError(
            f"{child!r} is recorded as made from {', '.join(known)}",
            remedy="record what was made from other parents under a name of its own",
        )


def _possible(engine: Engine, child: str, parents: list[str]) -> None:
    if not parents:
        raise StoreError(
            f"{child!r} has no parents", remedy="name the releases or artefacts it was made from"
        )
    below = {made for made, _ in descendants(engine, [child])}
    for parent in parents:
        if parent == child or parent in below:
            raise StoreError(
                f"{child!r} would be made from itself, by way of {parent!r}",
                remedy="name as parents only what existed before it",
            )


def descendants(engine: Engine, names: Collection[str]) -> list[tuple[str, str]]:
    """Every (child, parent) on a way down from the names, sorted."""
    for name in names:
        name_bytes(name)
    condition, parameters = engine.among("parent", sorted(names))
    return _pairs(engine, _DOWN.format(names=condition), parameters)


def artefacts(engine: Engine) -> list[tuple[str, str]]:
    """Every (child, parent), sorted."""
    return _pairs(engine, "SELECT child, parent FROM lineage", [])


def _pairs(engine: Engine, sql: str, parameters: Collection[str]) -> list[tuple[str, str]]:
    return sorted((child, parent) for child, parent in engine.rows(sql, list(parameters)))
