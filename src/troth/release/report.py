"""A release told to people: one page of HTML, and a few lines for a terminal.

Both are pure functions of the manifest, the terms and the groups of ``excluded.parquet``. All that comes from
there may be hostile: the page escapes it, runs no script and asks for nothing from outside.
"""

from __future__ import annotations

import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from troth.errors import Place, ReleaseError
from troth.release.flow import NARROW, WIDE, Flow, Leaving, grouped, lay_out, share
from troth.release.manifest import Release
from troth.release.residual import in_short, residual_risk
from troth.release.stages import DECIDE, INTAKE, STAGE_REASONS
from troth.terms.model import Finding, Option, Source, Terms, Version
from troth.types.moment import MomentError, as_datetime, parse_moment
from troth.types.reasons import REASONS
from troth.types.vocabulary import PURPOSE_WORDS

_LINES = 30
"""The most lines of the summary for a terminal."""
STAGE_WORDS: Mapping[str, str] = {
    "intake": "Taken in before",
    "decide": "Not allowed by the terms",
    "filter": "Not filterable",
    "deduplicate": "Duplicates",
    "sample": "Not sampled",
}
NOT_SHOWN = (
    "That the logs handed in were all the logs there are, or that they tell the truth.",
    "That the filter found all sensitive data.",
    "That nothing else was used to train a model: absence from this release is not absence from another.",
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A group of ``excluded.parquet``: how many records left at a stage, for a reason, under a rule."""

    stage: str
    reason: str
    rule: str
    clause: str
    records: int


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One reason for leaving records out, as the page, the terminal and ``--json`` tell it."""

    stage: str
    reason: str
    records: int
    share: float
    """Of all records that went in, from 0 to 1."""
    clauses: tuple[str, ...]
    """The clauses on which it rests, the most frequent first; empty where no rule of the terms speaks."""
    text: str
    """The reason in a sentence."""
    terms_say: tuple[str, ...]
    """The sentences of the rules behind it."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a release lies, and the digest of its manifest, which names it."""

    folder: str
    manifest: str
    conversations: int | None = None
    """How many conversations went in, where that is known."""


def read_left_out(excluded: Path) -> tuple[LeftOut, ...]:
    """Read the groups of ``excluded.parquet``. Raises ``ReleaseError`` where it cannot be read."""
    names = ["stage", "reason", "rule", "clause"]
    found: Counter[tuple[str, str, str, str]] = Counter()
    try:
        with pq.ParquetFile(excluded, pre_buffer=False) as file:
            for batch in file.iter_batches(65_536, columns=names):
                groups = pa.Table.from_batches([batch]).group_by(names).aggregate([([], "count_all")])
                for group in groups.to_pylist():
                    stage, reason, rule, clause = (str(group[name]) for name in names)
                    found[stage, reason, rule, clause] += group["count_all"]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise ReleaseError(
            "the list of excluded records cannot be read", place=Place(str(excluded))
        ) from problem
    return tuple(LeftOut(*key, records) for key, records in sorted(found.items()))


def summary_rows(
    manifest: Release, terms: Terms | None = None, left: Sequence[LeftOut] = ()
) -> tuple[SummaryRow, ...]:
    """Give one row for each stage and reason of the manifest, in its order.

    The clauses are those of ``left``; without it, those of the rules of the terms that give the reason.
    """
    return tuple(
        SummaryRow(
            stage=entry.stage,
            reason=entry.reason,
            records=entry.records,
            share=entry.records / manifest.counts.input if manifest.counts.input else 0.0,
            clauses=_clauses(entry.stage, entry.reason, manifest.purpose, terms, left),
            text=sentence(entry.stage, entry.reason),
            terms_say=_terms_say(entry.stage, entry.reason, manifest.purpose, terms, left),
        )
        for entry in manifest.counts.excluded
    )


def sentence(stage: str, reason: str) -> str:
    """Give a reason in a sentence; a reason that is not known is said to be none."""
    if stage == DECIDE and reason in REASONS:
        return REASONS[reason].text
    return STAGE_REASONS.get(stage, {}).get(reason, "This version of Troth does not know the reason.")


def report_html(
    manifest: Release, where: Where, *, terms: Terms | None = None, left: Sequence[LeftOut] = ()
) -> str:
    """Give the page of a release: one HTML file that needs nothing else."""
    rows = _ranked(summary_rows(manifest, terms, left))
    flow = flow_of(manifest, rows)
    return _template().render(
        manifest=manifest,
        where=where,
        purpose=PURPOSE_WORDS.get(manifest.purpose, manifest.purpose),
        rows=rows,
        allowed=allowed(manifest),
        flow=flow,
        pictures=(("wide", lay_out(flow, WIDE)), ("narrow", lay_out(flow, NARROW))),
        stage_words=STAGE_WORDS,
        risk=residual_risk(manifest),
        charts=_charts(manifest),
        options=_options(manifest, terms),
        findings=_findings(terms),
        sources=_sources(terms),
        command=_command(where, signed=manifest.signed),
        not_shown=NOT_SHOWN,
    )


def report_text(
    manifest: Release, where: Where, *, terms: Terms | None = None, left: Sequence[LeftOut] = ()
) -> str:
    """Give the summary for a terminal: at most 30 lines, numbers aligned."""
    rows = summary_rows(manifest, terms, left)
    counts, told = manifest.counts, manifest.statistics
    width = len(f"{counts.input:,}")
    head = [
        f"Release for {PURPOSE_WORDS.get(manifest.purpose, manifest.purpose)}, decided at {manifest.at}",
        f"under {manifest.terms.name}, version {manifest.terms.version or 'none in force'}",
        "",
        f"  {counts.input:>{width},}  records went in",
    ]
    signer = f"signed by {manifest.keyid}" if manifest.signed else "not signed: anyone could have made it"
    accounts, shards = told.contributors.accounts, len(manifest.shards)
    made = manifest.filter
    filtered = [f"  filter    {made.words:,} words replaced in {made.records:,} records"]
    if made.second_look is not None:
        filtered.append(f"  residual  {in_short(made.second_look)}")
    tail = [
        f"  {counts.released:>{width},}  records released  {share(counts.released, counts.input)}",
        "",
        f"  {told.conversations:,} conversations, {told.words:,} words, {accounts:,} accounts, "
        f"{shards:,} shard{'' if shards == 1 else 's'}",
        *(filtered if made.required else ()),
        f"  lies at   {where.folder}",
        f"  manifest  {where.manifest}",
        f"  {signer}",
        f"  verify    {_command(where, signed=manifest.signed)}",
    ]
    left_lines = _left_lines(rows, counts.input, width, _LINES - len(head) - len(tail))
    return "".join(f"{_one_line(line)}\n" for line in (*head, *left_lines, *tail))


def allowed(manifest: Release) -> int:
    """Give the number of distinct records that the terms allow: released, or left after the decision."""
    later = sum(e.records for e in manifest.counts.excluded if e.stage not in (INTAKE, DECIDE))
    return manifest.counts.released + later


def flow_of(manifest: Release, rows: Iterable[SummaryRow]) -> Flow:
    """Give the flow of a release; within a stage the largest reason first."""
    leaving = tuple(Leaving(row.stage, row.reason, row.records, row.text) for row in _ranked(rows))
    return grouped(Flow(leaving, manifest.counts.released))


def _ranked(rows: Iterable[SummaryRow]) -> list[SummaryRow]:
    order = {stage: place for place, stage in enumerate(STAGE_WORDS)}
    return sorted(rows, key=lambda row: (order.get(row.stage, len(order)), -row.records, row.reason))


def _left_lines(rows: Sequence[SummaryRow], total: int, width: int, room: int) -> list[str]:
    """Give a line for each reason, the largest first; what does not fit is summed up in one."""
    ranked = sorted(rows, key=lambda row: -row.records)
    fits = ranked if len(ranked) <= room else ranked[: room - 1]
    names = max((len(row.reason) for row in fits), default=0)
    lines = [
        f"  {row.records:>{width},}  {row.reason:<{names}}  {share(row.records, total):>8}  {row.stage}"
        + (f"  {row.clauses[0]}" if row.clauses else "")
        for row in fits
    ]
    rest = ranked[len(fits) :]
    if rest:
        lines.append(f"  {sum(row.records for row in rest):>{width},}  for {len(rest)} more reasons")
    return lines


def _one_line(text: str) -> str:
    """Take out of a line what a terminal would obey, and keep it to 110 characters."""
    plain = "".join(
        letter if not unicodedata.category(letter).startswith(("C", "Zl", "Zp")) else "�" for letter in text
    )
    return (
        plain
        if len(plain) <= 110 or plain.lstrip().startswith(("lies", "verify", "manifest"))
        else plain[:109] + "…"
    )


def _clauses(
    stage: str, reason: str, purpose: str, terms: Terms | None, left: Sequence[LeftOut]
) -> tuple[str, ...]:
    found: Counter[str] = Counter()
    for group in left:
        if (group.stage, group.reason) == (stage, reason) and group.clause:
            found[group.clause] += group.records
    if left or stage != DECIDE:
        return tuple(clause for clause, _ in found.most_common())
    return tuple(dict.fromkeys(rule.clause for rule in _rules(terms, reason, purpose) if rule.clause))


def _terms_say(
    stage: str, reason: str, purpose: str, terms: Terms | None, left: Sequence[LeftOut]
) -> tuple[str, ...]:
    if stage != DECIDE:
        return ()
    named = {group.rule for group in left if (group.stage, group.reason) == (stage, reason)}
    rules = [rule for rule in _rules(terms, reason, purpose) if not left or rule.id in named]
    return tuple(dict.fromkeys(rule.text for rule in rules if rule.text))


def _rules(terms: Terms | None, reason: str, purpose: str) -> Iterable[RuleOf]:
    """Give the rules that give a reason for a purpose, of the newest version first."""
    for version in reversed(terms.versions if terms else ()):
        for rule in version.rules:
            if rule.reason == reason and purpose in rule.purposes and rule.effect != "allow":
                yield RuleOf(rule.id, rule.clause, rule.text)


@dataclass(frozen=True, slots=True)
class RuleOf:
    """What the report says of a rule."""

    id: str
    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A small table with bars: what, how many, and how long the bar is in per cent of the longest."""

    title: str
    noun: str
    bars: tuple[tuple[str, int, float], ...]


def _charts(manifest: Release) -> tuple[Chart, ...]:
    told = manifest.statistics
    by_size = (
        ("By product", told.products),
        ("By kind", told.kinds),
        ("By speaker", told.roles),
        ("By plan", told.plans),
    )
    charts = [_chart(title, "records", counts.items(), by_size=True) for title, counts in by_size]
    charts.append(_chart("By month", "records", told.months.items(), by_size=False))
    title = f"By language, of {told.languages.sampled:,} sampled"
    charts.append(_chart(title, "conversations", told.languages.conversations.items(), by_size=True))
    return tuple(chart for chart in charts if chart.bars)


def _chart(title: str, noun: str, counts: Iterable[tuple[str, int]], *, by_size: bool) -> Chart:
    pairs = sorted(counts, key=lambda pair: (-pair[1], pair[0]) if by_size else (0, pair[0]))
    most = 12
    if len(pairs) > most:
        shown, rest = (
            (pairs[: most - 1], pairs[most - 1 :]) if by_size else (pairs[1 - most :], pairs[: 1 - most])
        )
        other = (f"{len(rest)} {'more' if by_size else 'earlier'}", sum(count for _, count in rest))
        pairs = [*shown, other] if by_size else [other, *shown]
    longest = max((count for _, count in pairs), default=0)
    return Chart(
        title, noun, tuple((name, n, round(100 * n / longest, 1) if longest else 0.0) for name, n in pairs)
    )


@dataclass(frozen=True, slots=True)
class OptionOf:
    """An option with the value that was taken, and the others."""

    name: str
    value: str
    text: str
    others: tuple[str, ...]
    is_default: bool


def _options(manifest: Release, terms: Terms | None) -> tuple[OptionOf, ...]:
    declared: dict[str, Option] = {o.name: o for v in (terms.versions if terms else ()) for o in v.options}
    found = []
    for name, value in sorted(manifest.terms.options.items()):
        option = declared.get(name)
        others = tuple(other for other in option.values if other != value) if option else ()
        text = option.text if option else ""
        found.append(OptionOf(name, value, text, others, option is not None and option.default == value))
    return tuple(found)


def _newest(terms: Terms | None) -> Version | None:
    return terms.newest if terms else None


def _findings(terms: Terms | None) -> tuple[Finding, ...]:
    newest = _newest(terms)
    return newest.findings if newest else ()


def _sources(terms: Terms | None) -> tuple[Source, ...]:
    """Give the sources that lead to a page; any other address is not made a link."""
    newest = _newest(terms)
    return tuple(source for source in (newest.sources if newest else ()) if source.url.startswith("https://"))


def _command(where: Where, *, signed: bool) -> str:
    key = " --key SIGNER.pub" if signed else ""
    return f"troth verify {shlex.quote(where.folder)}{key}"


def _day(text: str) -> str:
    """Give a time of the manifest as people write it; what is no time as it is."""
    try:
        when = as_datetime(parse_moment(text))
    except MomentError:
        return text
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("troth.release", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["share"] = share
    environment.filters["day"] = _day
    return environment.get_template("report.html.j2")
