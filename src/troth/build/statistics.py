"""Stage 9. Volume and diversity of what is released. Shares and counts only: no account is named."""

from __future__ import annotations

from collections.abc import Mapping

from troth.build.engine import Engine
from troth.build.languages import METHOD
from troth.release.manifest import Contributors, Languages, Statistics

_COUNTED = {
    "products": "product",
    "kinds": "kind",
    "roles": "role",
    "plans": "plan_in_force",
    "months": """strftime(p."at", '%Y-%m')""",
}


def compute_statistics(engine: Engine, languages: Mapping[str, int], has_rows: bool) -> Statistics:
    """Everything that is said of the rows of ``prepared`` whose conversation is ``kept``."""
    if not has_rows:
        return _nothing()
    counted = ", ".join(f"{sql} AS {name}" for name, sql in _COUNTED.items())
    engine.run(
        f"CREATE TABLE released AS SELECT account, {counted},"
        " count(*) AS records, sum(p.words) AS words, coalesce(sum(strlen(p.text)), 0) AS text_bytes,"
        " coalesce(sum(media_bytes), 0) AS media_bytes,"
        " count(*) FILTER (media_bytes IS NOT NULL OR path IS NOT NULL) AS media_records"
        " FROM prepared p JOIN kept k ON k.number = p.conversation_number GROUP BY ALL"
    )
    ((conversations,),) = engine.rows("SELECT count(*) FROM kept")
    totals = engine.rows(
        "SELECT coalesce(sum(records), 0)::BIGINT, coalesce(sum(words), 0)::BIGINT,"
        " coalesce(sum(text_bytes), 0)::BIGINT, coalesce(sum(media_records), 0)::BIGINT,"
        " coalesce(sum(media_bytes), 0)::BIGINT FROM released"
    )
    records, words, text_bytes, media_records, media_bytes = totals[0]
    return Statistics(
        conversations=conversations,
        records=records,
        words=words,
        text_bytes=text_bytes,
        media_records=media_records,
        media_bytes=media_bytes,
        **{name: _counts(engine, name) for name in _COUNTED},
        languages=_languages(languages),
        contributors=_contributors(engine, records),
    )


def _counts(engine: Engine, name: str) -> dict[str, int]:
    query = f"SELECT coalesce({name}, 'unknown'), sum(records)::BIGINT FROM released GROUP BY 1 ORDER BY 1"
    return dict(engine.rows(query))


def _contributors(engine: Engine, records: int) -> Contributors:
    ((accounts,),) = engine.rows("SELECT count(DISTINCT account) FROM released")
    largest = [
        count
        for (count,) in engine.rows(
            "SELECT sum(records)::BIGINT AS n FROM released WHERE account IS NOT NULL"
            " GROUP BY account ORDER BY n DESC LIMIT 100"
        )
    ]
    shares = [round(sum(largest[:most]) / records, 6) if records else 0.0 for most in (1, 10, 100)]
    return Contributors(accounts=accounts, largest_1=shares[0], largest_10=shares[1], largest_100=shares[2])


def _languages(counts: Mapping[str, int]) -> Languages:
    return Languages(method=METHOD, sampled=sum(counts.values()), conversations=dict(sorted(counts.items())))


def _nothing() -> Statistics:
    """The statistics of a release without rows."""
    return Statistics(
        conversations=0,
        records=0,
        words=0,
        text_bytes=0,
        media_records=0,
        media_bytes=0,
        products={},
        kinds={},
        roles={},
        plans={},
        months={},
        languages=_languages({}),
        contributors=Contributors(accounts=0, largest_1=0.0, largest_10=0.0, largest_100=0.0),
    )
