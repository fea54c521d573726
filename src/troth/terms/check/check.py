"""Check a terms file, or a folder of versions: all problems, each once, with its line and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path

from troth.errors import Place, TermsError
from troth.terms.boxes import TooMuchEffort
from troth.terms.check.archive import around, dates, folder, locks
from troth.terms.check.case import MOST_SETTINGS, Case, Found, combinations_of, settings
from troth.terms.check.contradictions import contradicting_rows, contradicting_rules
from troth.terms.check.gaps import retention_gaps, unspoken
from troth.terms.check.impossible import Around
from troth.terms.check.keeping import keeping
from troth.terms.check.matching import matching
from troth.terms.check.names import names
from troth.terms.model import Version
from troth.terms.parse import TermsFile
from troth.terms.problems import Problem


def check(path: Path) -> list[Problem]:
    """Find every problem of a terms file or a folder of versions, in the order of files and lines.

    What keeps a file from being used, or cannot be meant, is an error; what is merely worth knowing is a
    ``note``. Nothing is raised: a file that cannot be read is a problem too.
    """
    files, problems = _read(path)
    read = [(file, file.version({})) for file in files]
    versions = [version for _, version in read]
    for file, version in read:
        problems += _check_file(file, version, around(version, versions))
    if path.is_dir():
        problems += folder(path, read)
    return sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line, p.note, p.what))


def _read(path: Path) -> tuple[list[TermsFile], list[Problem]]:
    """Read what can be read."""
    files, problems = [], []
    paths = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not paths:
        problems.append(
            Problem(1, "no terms files in this folder", "give a folder of *.toml files", str(path))
        )
    for file in paths:
        try:
            files.append(TermsFile.read(file))
        except TermsError as problem:
            place = problem.place or Place(str(file))
            problems.append(Problem(place.line or 1, problem.what, problem.remedy, place.file))
    return sorted(files, key=lambda file: file.top.get("published", 0)), problems


def _check_file(file: TermsFile, version: Version, others: Around) -> Iterator[Problem]:
    yield from locks(file)
    yield from dates(file, version)
    if combinations_of(file) > MOST_SETTINGS:
        what = f"the options have {combinations_of(file)} combinations; each was varied alone"
        remedy = f"at most {MOST_SETTINGS} are looked at together"
        yield Problem(file.lines.of("options"), what, remedy, str(file.path), note=True)
    variants = [(given, file.version(given)) for given in settings(file)]
    yield from names(file, [version for _, version in variants])
    if version.plans:
        yield from _analyse(file, variants, others)
    yield from file.problems.found


def _analyse(
    file: TermsFile, variants: Sequence[tuple[Mapping[str, str], Version]], others: Around
) -> Iterator[Problem]:
    """Look at every distinct decision table, and at every distinct retention table."""
    unsure = _unsure(file)
    defaults = {option.name: option.default for option in file.options}
    deciding: dict[object, Case] = {}
    retaining: dict[object, Case] = {}
    for given, version in variants:
        changed = {name: value for name, value in given.items() if value != defaults[name]}
        case = Case(version, others, changed, unsure)
        extended = any(row.kind == "extension" for row in version.retention)
        deciding.setdefault((tuple(rule.place.line for rule in version.rules), extended), case)
        retaining.setdefault(tuple((row.place.line, row.period) for row in version.retention), case)
    rules = [[rule.place.line or 1 for rule in case.version.rules] for case in deciding.values()]
    rows = [[row.place.line or 1 for row in case.version.retention] for case in retaining.values()]
    yield from _report(file, [list(_decision_table(case)) for case in deciding.values()], rules)
    yield from _report(file, [list(_retention_table(case)) for case in retaining.values()], rows)
    yield from _never_in_force(file, {line for lines in (*rules, *rows) for line in lines})


def _decision_table(case: Case) -> Iterator[Found]:
    for look in (matching, contradicting_rules, unspoken):
        yield from _bounded(look(case), 0)


def _retention_table(case: Case) -> Iterator[Found]:
    for look in (keeping, contradicting_rows, retention_gaps):
        yield from _bounded(look(case), -1)


def _bounded(looking: Iterator[Found], line: int) -> Iterator[Found]:
    """Say so where a question about the facts needs more steps than are taken."""
    try:
        yield from looking
    except TooMuchEffort:
        what = "the conditions overlap in too many ways to be looked at to the end"
        yield Found("effort", line, what, "split the rules that name most facts", True, False)


def _report(
    file: TermsFile, looked: Sequence[Sequence[Found]], lines: Sequence[Sequence[int]]
) -> Iterator[Problem]:
    """Report each problem once: some where they hold at all, some only where they hold in every case.

    An option may well add a deny that beats an allow, or a limit that beats another: that a row counts for
    nothing is a problem only if it does so in every case that has the row.
    """
    found: dict[tuple[str, int, str], list[Found]] = {}
    for problem in (problem for problems in looked for problem in problems):
        found.setdefault((problem.sort, problem.line, problem.subject), []).append(problem)
    for (_, line, _), problems in found.items():
        having = sum(line in present for present in lines)
        if not problems[0].every or len(problems) == having:
            yield _placed(file, problems[0])


def _placed(file: TermsFile, found: Found) -> Problem:
    """Put a problem of no row where it is to be mended: at the first rule, or the first row of retention."""
    tables = {0: "rules", -1: "retention"}
    line = file.lines.of(tables[found.line], 0) if found.line in tables else found.line
    return Problem(line, found.what, found.remedy, str(file.path), found.note)


def _unsure(file: TermsFile) -> frozenset[int]:
    """Find the rows in which the parser found an error: what they mean is not known."""
    starts = sorted(
        file.lines.of(name, index)
        for name in ("rules", "retention")
        for index in range(len(file.top.get(name, ())))
    )
    errors = {problem.line for problem in file.problems.errors}
    ends = [*starts[1:], max([*errors, *starts], default=0) + 1]
    return frozenset(
        start for start, end in zip(starts, ends, strict=True) if any(start <= line < end for line in errors)
    )


def _never_in_force(file: TermsFile, having: Set[int]) -> Iterator[Problem]:
    for name, what in (("rules", "rule"), ("retention", "retention")):
        for index, table in enumerate(file.top.get(name, ())):
            line = file.lines.of(name, index)
            if line not in having:
                yield Problem(
                    file.lines.of(name, index, "options"),
                    f"{what} {table.get('id', index + 1)!r} is in force under no setting of the options",
                    "mend its options, or take it out",
                    str(file.path),
                )
