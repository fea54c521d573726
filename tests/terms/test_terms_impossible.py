"""What the check calls impossible never happens: the reference is asked, over many random small worlds."""

from __future__ import annotations

import random

import pytest

from troth.decide.point.index import Index
from troth.decide.point.reference import Point
from troth.terms.archive import load, shipped_names
from troth.terms.check.archive import around
from troth.terms.check.impossible import NOT_READ, impossible
from worlds import questions, world


@pytest.mark.parametrize("name", shipped_names())
def test_no_record_ever_meets_what_is_impossible(name: str) -> None:
    terms = load(name)
    never = {
        version.version: [
            entry for entry in impossible(version, around(version, terms.versions)) if entry not in NOT_READ
        ]
        for version in terms.versions
    }
    looked = 0
    for seed in range(60):
        rng = random.Random(f"{name}-{seed}")
        events = world(rng, terms)
        point = Point(terms, Index(events, (), terms.newest.retention_minimum))
        for record in sorted(point.index.records):
            for at in questions(rng, events):
                found = point.explain(record, "train.general", at)
                if found.version is None:
                    continue
                looked += 1
                for entry in never[found.version.version]:
                    met = all(found.facts[fact] in values for fact, values in entry.when.items())
                    assert not met, (seed, record, at, entry, found.facts)
    assert looked > 100
