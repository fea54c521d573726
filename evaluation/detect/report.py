"""What was measured, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evaluation.detect.beside import Answers
from evaluation.detect.quality import BARE, CODE, SECRET_CORPORA, Row, Score
from evaluation.detect.scoring import Figures
from evaluation.detect.speed import WAYS, Measured

AIMS = {
    "presidio_synth_v2_even": 0.80, "uner_ewt_dev": 0.77, "wnut17_dev": 0.56, "credsweeper_samples_even": 0.85,
}  # fmt: skip
"""What was aimed at: core span F1."""
LITERALS = "gitleaks_literals_even"

_ABOUT = """\
Made by `make eval-detect`. The rule is that of the corpora: a labelled span is found where half of its characters are
covered by predictions of its group, a prediction is right where half of its are by labels; places and addresses are one
group, and so are numbers that identify. *Core* leaves organisations, dates, ages, titles and nationalities out. Figures
are precision / recall / **F1**.

Presidio is presidio-analyzer 2.2.366 with spaCy 3.8.18 and the weights of en_core_web_sm 3.8.0, its own recognisers,
organisations mapped, score 0.4 or more. Its documented default is en_core_web_lg, which may do better and was not to be
had. Beside the reference figures of the corpora, the scoring here gives the same to the third digit but for one span of
presidio_synth_v2_even.

*Trained* says whether the names were trained on the corpus; of those trained on in part, only the other documents are in
the row. Troth knows other parts of some of the sources, such as other tweets of the same years; whether Presidio does is
not known.
"""


def markdown(
    rows: Sequence[Row], told: Mapping[str, str], speeds: Sequence[Measured], peers: Mapping[str, tuple[int, Answers]],
    flags: tuple[int, int, int] | None, picture: str, recorded: Mapping[str, Any],
) -> str:  # fmt: skip
    """The whole page."""
    by_name = {row.name: row for row in rows}
    parts = ["# Sensitive data: what is found, and how fast", "", "| | |", "|---|---|"]
    parts += [f"| {name} | {value} |" for name, value in told.items()]
    parts += ["", _ABOUT, f"![Core span F1 by corpus]({picture})", ""]
    parts += _aims(by_name, speeds)
    parts += _core(rows)
    parts += left_out(by_name, recorded)
    parts += _more(rows)
    parts += _kinds(by_name)
    parts += _secrets(by_name)
    parts += _code(by_name)
    parts += _special(flags)
    parts += _speed(speeds, peers)
    return "\n".join(parts) + "\n"


def _aims(rows: Mapping[str, Row], speeds: Sequence[Measured]) -> list[str]:
    """What was aimed at, what was reached, and what Presidio reaches."""
    body = []
    for name, aim in AIMS.items():
        if name in rows:
            ours, theirs = rows[name].scores["troth"].core.f1, rows[name].scores.get("presidio")
            body.append(
                _aim(f"{name}, core span F1", f"{theirs.core.f1:.3f}" if theirs else "–", aim, ours, "{:.3f}")
            )
    if CODE in rows:
        scores = rows[CODE].scores
        per_mb = (f"{scores['presidio'].per_million:,.0f}", 20, scores["troth"].per_million, "{:,.0f}")
        body.append(_aim(f"{CODE}, findings per MB, at most", *per_mb))
    if LITERALS in rows:
        wrong, all_of = rows[LITERALS].scores["troth"].alarms
        body.append(_aim(f"{LITERALS}, false positive rate, at most", "–", 0.10, wrong / all_of, "{:.3f}"))
    by_way = {one.way: one.per_cpu_second for one in speeds}
    for way, aim in (("names", 5.0), ("patterns", 80.0)):
        body.append(_aim(f"MB per processor second, {WAYS[way]}", "", aim, by_way[way], "{:.1f}"))
    return ["## Aims", "", *_table(("what", "Presidio", "aim", "Troth", "met"), body)]


def _aim(what: str, theirs: str, aim: float, ours: float, form: str) -> tuple[str, ...]:
    met = ours <= aim if "at most" in what else ours >= aim
    return what, theirs, form.format(aim), form.format(ours), "yes" if met else "no"


def in_text(rows: Sequence[Row]) -> list[Row]:
    """Corpora of sentences that Presidio is measured on."""
    return [row for row in rows if "presidio" in row.scores and row.name != CODE and row.name not in BARE]


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *body]
    return [f"| {' | '.join(line)} |" for line in lines] + [""]


def _prf(figures: Figures) -> str:
    return f"{figures.precision:.3f} / {figures.recall:.3f} / **{figures.f1:.3f}**"


def _core(rows: Sequence[Row]) -> list[str]:
    head = ("corpus", "trained", "Presidio", "Troth", "each text alone", "aim")
    body = [
        (
            row.name, row.trained or "no", _prf(row.scores["presidio"].core), _prf(row.scores["troth"].core),
            f"{row.scores['alone'].core.f1:.3f}", f"{AIMS.get(row.name, row.scores['presidio'].core.f1):.3f}",
        )
        for row in in_text(rows)
    ]  # fmt: skip
    return [
        "## Core span F1", "",
        "*Each text alone* leaves out what is found because it was found elsewhere in the same text or conversation."
        " Where no aim was set, it is to be above Presidio.", "", *_table(head, body),
    ]  # fmt: skip


def left_out(rows: Mapping[str, Row], told: Mapping[str, Any]) -> list[str]:
    """What was recorded of weights that were not trained on some corpora."""
    body = [
        (name, *(_prf(Figures(*figures[who])) for who in ("detector", "tagger")),
         _prf(rows[name].scores["presidio"].core) if name in rows else "–")
        for name, figures in told["core"].items()
    ]  # fmt: skip
    return [
        "### With names that were not trained on them", "",
        f"Core span F1 as recorded on {told['date']}, not measured in this run: `{told['command']}` makes the weights"
        f" ({told['weights']}), `evaluation/detect/left_out.py` scores them (detector {told['detector']}).", "",
        *_table(("corpus", "Troth", "names alone", "Presidio"), body),
    ]  # fmt: skip


def _more(rows: Sequence[Row]) -> list[str]:
    head = (
        "corpus",
        "characters: Presidio",
        "Troth",
        "tokens: Presidio",
        "Troth",
        "all types: Presidio",
        "Troth",
    )
    body = []
    for row in in_text(rows):
        theirs, ours = row.scores["presidio"], row.scores["troth"]
        both = ((one.characters.f1, one.tokens.f1, one.every.f1) for one in (theirs, ours))
        cells = [f"{value:.3f}" for pair in zip(*both, strict=True) for value in pair]
        body.append((row.name, *cells))
    note = "F1 by character (whatever the type), by token (typed), and by span over all types."
    return ["## Other ways of counting", "", note, "", *_table(head, body)]


def _kinds(rows: Mapping[str, Row]) -> list[str]:
    parts = ["## By kind", "", "Precision / recall; in brackets how many are labelled.", ""]
    for name in ("presidio_synth_v2_even", "conversations", "uner_ewt_dev"):
        if name not in rows:
            continue
        theirs, ours = rows[name].scores["presidio"], rows[name].scores["troth"]
        body = [
            (f"{group} ({ours.counts[group][0]})", _pr(theirs, group), _pr(ours, group))
            for group in ours.groups
            if ours.counts[group][0]
        ]
        if ours.addresses[1]:
            recalls = (
                f"– / {found / labelled:.3f}" for found, labelled in (theirs.addresses, ours.addresses)
            )
            body.append((f"street addresses alone ({ours.addresses[1]})", *recalls))
        parts += [f"### {name}", "", *_table(("kind", "Presidio", "Troth"), body)]
    return parts


def _pr(score: Score, group: str) -> str:
    figures = score.groups.get(group, Figures(0, 0, 0))
    return f"{figures.precision:.3f} / {figures.recall:.3f}"


def _secrets(rows: Mapping[str, Row]) -> list[str]:
    if not all(name in rows for name in SECRET_CORPORA):
        return []
    samples, literals, code = (rows[name].scores for name in SECRET_CORPORA)
    body = [
        (score.system, _prf(score.core), f"{_part(literals[key].hits)} / {_part(literals[key].alarms)}",
         f"{code[key].counts.get('SECRET', (0, 0))[1] / (rows[CODE].characters / 1e6):.1f}")
        if key in literals
        else (score.system, _prf(score.core), "–", "–")
        for key, score in samples.items()
    ]  # fmt: skip
    if "gitleaks" not in samples:
        body.append(
            ("gitleaks' rules, as cited, not run here", "0.764 / 0.525 / **0.622**", "0.977 / 0.318", "15.9")
        )
    head = (
        "system",
        "credsweeper_samples_even",
        "gitleaks_literals_even: recall / false positives",
        f"secrets per MB of {CODE}",
    )
    return [
        "## Secrets", "",
        "The samples' labels go line by line, and are those of the tool that they come from. Two of its files repeat one"
        " password in dozens of lines, some of which it does not label; Troth finds again what it found once, which"
        " counts as wrong there. The third row leaves out findings that hold a labelled value of the same text at a place"
        " where it is not labelled: they count neither as right nor as wrong.", "", *_table(head, body),
    ]  # fmt: skip


def _part(counts: tuple[int, int]) -> str:
    return f"{counts[0] / counts[1]:.3f}" if counts[1] else "–"


def _code(rows: Mapping[str, Row]) -> list[str]:
    if CODE not in rows:
        return []
    row = rows[CODE]
    groups = sorted({group for score in row.scores.values() for group in score.counts})
    head = ("system", "all", *groups)
    body = [
        (score.system, f"{score.per_million:,.0f}",
         *(f"{score.counts.get(group, (0, 0))[1] / (row.characters / 1e6):,.0f}" for group in groups))
        for score in row.scores.values()
    ]  # fmt: skip
    note = (
        "Findings per million characters of the Python standard library. Nothing in it is labelled; a few authors,"
        " addresses and dates in it are real."
    )
    return ["## Ordinary source code", "", note, "", *_table(head, body)]


def _special(flags: tuple[int, int, int] | None) -> list[str]:
    if flags is None:
        return []
    right, hinted, labelled = flags
    return [
        "## Special categories (Art. 9 GDPR)", "",
        f"On the generated conversations, {right} of {labelled} are hinted at, and {hinted - right} others are. The lists"
        " and the conversations were written by the same people: this shows that the lists do what they are meant to,"
        " and says nothing of what people write.", "",
    ]  # fmt: skip


def _speed(speeds: Sequence[Measured], peers: Mapping[str, tuple[int, Answers]]) -> Iterator[str]:
    yield from (
        "## Speed",
        "",
        "Chat and code, 3 to 2; a million characters count as one MB; one thread in each process.",
        "",
    )
    head = ("system", "MB per processor second", "MB per second", "start, processor seconds", "memory, MB")
    alone = {one.way: one for one in speeds}
    body = []
    for one in speeds:
        cpu = f"{one.per_cpu_second:.2f}" if one.way != "two" else "–"
        started = f"{one.started:.1f}" if one.way != "two" else "–"
        body.append(
            (
                f"Troth, {WAYS[one.way]}",
                cpu,
                f"{one.characters / 1e6 / one.wall:.2f}",
                started,
                f"{one.memory:.0f}",
            )
        )
    for name, (size, told) in peers.items():
        body.append((name, f"{size / 1e6 / told.seconds:.4f}", "–", f"{told.started:.1f}", "–"))
    yield from _table(head, body)
    if "two" in alone and "names" in alone:
        one, two = alone["names"], alone["two"]
        faster = one.wall / two.wall
        yield f"Two processes do the same {faster:.2f} times as fast as one. Memory is that of the larger process."
        yield ""
