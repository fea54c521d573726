"""Conversations kept as trees: every branch is what somebody said, not the one last shown alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from troth.intake.turns import Turn

Node = Mapping[str, Any]


def turns_of_tree(
    nodes: Mapping[str, Node],
    parent_of: Callable[[Node], Any],
    said: Callable[[str, Node], list[Turn]],
) -> Iterator[Turn]:
    """The turns of all nodes, parents before children, siblings in the order of the log.

    ``said`` gives the turns of one node; the first is named by its own id or that of the node, the rest by
    that and a number. A node that holds no words hands its children on to its own parent.
    """
    names = dict[str, str | None]()
    for key in _parents_first(nodes, parent_of):
        above = parent_of(nodes[key])
        parent = names.get(above) if isinstance(above, str) else None
        turns = said(key, nodes[key])
        names[key] = (turns[0].id or key) if turns else parent
        for index, turn in enumerate(turns):
            own = turns[0].id or key
            yield replace(turn, id=own if index == 0 else f"{own}/{index}", parent=parent)


def _parents_first(nodes: Mapping[str, Node], parent_of: Callable[[Node], Any]) -> Iterator[str]:
    """Each node once: depth first from those without a parent, then what only a circle leads to."""
    below = dict[str, list[str]]()
    roots = list[str]()
    for key, node in nodes.items():
        above = parent_of(node)
        if isinstance(above, str) and above in nodes:
            below.setdefault(above, []).append(key)
        else:
            roots.append(key)
    visited = set[str]()
    for start in (*roots, *nodes):
        waiting = [start]
        while waiting:
            key = waiting.pop()
            if key not in visited:
                visited.add(key)
                yield key
                waiting.extend(reversed(below.get(key, ())))
