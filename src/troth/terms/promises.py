"""Reading the rest of the promise: recipients, what machine signals do, what is filtered first, findings, sources."""

from __future__ import annotations

from collections.abc import Collection

from troth.terms.fields import Shape, a_table, a_word, some_words
from troth.terms.model import Filter, Finding, OptOut, Recipient, Source
from troth.terms.options import Settled
from troth.terms.reader import Reader
from troth.terms.sensitive import read_replace
from troth.types.vocabulary import KINDS, SIGNAL_VALUES

RECIPIENT: Shape = {
    "name": (a_word, True),
    "purposes": (some_words, True),
    "clause": (a_word, True),
    "source": (a_word, False),
    "text": (a_word, True),
}

OPT_OUT: Shape = {
    "signal": (a_word, True),
    "purposes": (some_words, True),
    "clause": (a_word, True),
    "source": (a_word, True),
    "text": (a_word, True),
}

FILTER: Shape = {
    "purposes": (some_words, True),
    "kinds": (some_words, False),
    "replace": (a_table, False),
    "options": (a_table, False),
    "clause": (a_word, True),
    "source": (a_word, False),
    "text": (a_word, True),
}

FINDING: Shape = {
    "id": (a_word, True),
    "text": (a_word, True),
    "taken": (a_word, True),
    "sources": (some_words, True),
}

SOURCE: Shape = {
    "id": (a_word, True),
    "text": (a_word, True),
    "url": (a_word, False),
    "confidence": (a_word, True),
}

CONFIDENCE = ("primary", "excerpt", "secondary", "not confirmed")
"""How well a source is known: the text itself, a part of it, what others report of it, or less."""


def read_recipients(reader: Reader, sources: Collection[str]) -> tuple[Recipient, ...]:
    """Read who may be given content."""
    return tuple(
        Recipient(
            got.get("name", ""),
            reader.purposes(got, reader.line("recipients", index, "purposes"), what),
            got.get("clause", ""),
            got.get("text", ""),
            reader.source(got, reader.line("recipients", index, "source"), what, sources),
        )
        for got, index, what in reader.tables("recipients", RECIPIENT, "recipient")
    )


def read_opt_outs(reader: Reader, sources: Collection[str]) -> tuple[OptOut, ...]:
    """Read what machine signals that say no do."""
    opt_outs = []
    for got, index, what in reader.tables("opt_outs", OPT_OUT, "opt-out"):
        signal = got.get("signal", "")
        if signal:
            line = reader.line("opt_outs", index, "signal")
            reader.known(signal, SIGNAL_VALUES, line, f"{what}: unknown signal {signal!r}")
        purposes = reader.purposes(got, reader.line("opt_outs", index, "purposes"), what)
        source = reader.source(got, reader.line("opt_outs", index, "source"), what, sources)
        opt_outs.append(OptOut(signal, purposes, got.get("clause", ""), got.get("text", ""), source))
    return tuple(opt_outs)


def read_filters(reader: Reader, settled: Settled, sources: Collection[str]) -> tuple[Filter, ...]:
    """Read what must be filtered first, under the settled options."""
    filters = []
    for got, index, what in reader.tables("filters", FILTER, "filter"):
        line = reader.line("filters", index, "kinds")
        for kind in got.get("kinds", ()):
            reader.known(kind, KINDS, line, f"{what}: unknown kind {kind!r}")
        found = Filter(
            reader.purposes(got, reader.line("filters", index, "purposes"), what),
            got.get("kinds", KINDS),
            got.get("clause", ""),
            got.get("text", ""),
            reader.source(got, reader.line("filters", index, "source"), what, sources),
            read_replace(reader, got, index, what),
            reader.place(reader.line("filters", index)),
        )
        conditions = got.get("options", {})
        if settled.admits(conditions, reader.line("filters", index, "options"), what, reader.problems):
            filters.append(found)
    return tuple(filters)


def read_findings(reader: Reader, sources: Collection[str]) -> tuple[Finding, ...]:
    """Read the conflicts between the vendor's own texts."""
    findings, ids = [], []
    for got, index, what in reader.tables("findings", FINDING, "finding"):
        ids.append((got.get("id", ""), reader.line("findings", index)))
        for source in got.get("sources", ()):
            line = reader.line("findings", index, "sources")
            reader.known(source, sources, line, f"{what}: unknown source {source!r}")
        findings.append(
            Finding(got.get("id", ""), got.get("text", ""), got.get("taken", ""), got.get("sources", ()))
        )
    reader.unique(ids, "finding")
    return tuple(findings)


def read_sources(reader: Reader) -> tuple[Source, ...]:
    """Read where the clauses can be read."""
    sources, ids = [], []
    for got, index, what in reader.tables("sources", SOURCE, "source"):
        ids.append((got.get("id", ""), reader.line("sources", index)))
        confidence = got.get("confidence", "")
        if confidence:
            line = reader.line("sources", index, "confidence")
            reader.known(confidence, CONFIDENCE, line, f"{what}: confidence {confidence!r}")
        sources.append(Source(got.get("id", ""), got.get("text", ""), got.get("url", ""), confidence))
    reader.unique(ids, "source")
    return tuple(sources)
