"""Conversations of several people: each of the others is asked as if they had said the record."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from troth.decide.columns.arrays import Flags, flags
from troth.decide.columns.faced import KEY, Faced, Facing
from troth.decide.columns.tables import NOBODY
from troth.decide.columns.walk import Walk, carried
from troth.terms.table import Answer

Places = npt.NDArray[np.int64]


class Others:
    """Asks the other people of conversations, where the terms want it."""

    def __init__(self, facing: Facing) -> None:
        self.facing = facing
        self.versions = facing.terms.versions

    def asked_of(self, faced: Faced) -> Flags:
        """Rows about which other people are asked: several of them, and a purpose that the terms name for it."""
        if all(version.parties.ask == "none" for version in self.versions):
            return np.zeros(len(faced.codes), np.bool_)
        purposes = faced.batch["purpose"].to_pylist()
        found = [self.facing.answers.facts(int(code))[0] for code in faced.codes]
        concerned = [
            version is not None and version.parties.ask != "none" and purpose in version.parties.purposes
            for version, purpose in zip(found, purposes, strict=True)
        ]
        return flags(faced.batch, "several") & np.array(concerned, np.bool_)

    def denied(self, faced: Faced) -> Flags:
        """Rows of the table ``later_rows`` that some other person may not be used for."""
        connection = self.facing.connection
        connection.register("shared_rows", faced.batch.select(list(KEY)))
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE party_rows AS SELECT DISTINCT r.* EXCLUDE (account), "
            f"nullif(p.account, '{NOBODY}') AS account FROM later_rows r "
            "JOIN shared_rows k ON k.m = r.m AND k.record = r.record AND k.purpose = r.purpose "
            "JOIN parties p ON p.m = r.m AND p.conversation = r.conversation "
            f"AND p.account IS DISTINCT FROM coalesce(r.account, '{NOBODY}')"
        )
        others = [carried(batch) for batch in self.facing.faced("party_rows")]
        if not others:
            return np.zeros(len(faced.codes), np.bool_)
        party = Walk(self.facing, "party_rows").walked(pa.concat_tables(others))
        denied = self._denied_keys(party)
        return np.array([key in denied for key in _keys(faced)], np.bool_)

    def answer(self, code: int) -> Answer:
        """The denial, with the clause of the version in force."""
        version = self.facing.answers.facts(code)[0]
        return Answer(False, "other_party", "", version.parties.clause if version else "")

    def _denied_keys(self, party: Faced) -> set[tuple[int, str, str]]:
        answers = self.facing.answers
        rules = next((v.parties.rules for v in self.versions if v.parties.rules), ())
        if any(version.parties.ask == "rules" for version in self.versions):
            denies = [answers.denied_by(int(code), rules) for code in party.codes]
        else:
            denies = [not answers.answers[place].allow for place in self.facing.answered(party)]
        return {key for key, denied in zip(_keys(party), denies, strict=True) if denied}


def _keys(faced: Faced) -> list[tuple[int, str, str]]:
    columns = (faced.batch[name].to_pylist() for name in ("m", "record", "purpose"))
    return list(zip(*columns, strict=True))
