"""Texts held against the findings that a build kept: what was replaced, and that all of it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_release
from msgspec.structs import replace as replaced
from small_release import Content, Made, forge, make, silent

from cheap_filter import cheap_filter
from troth.verify.kept import explained
from troth.verify.report import Notes, Report
from troth.verify.statement import read_manifest
from troth.verify.verify import Recorded, verify

CHANGED = "differs from the log's in more than what the findings say"


@pytest.fixture(scope="module", params=["plain", "sealed"])
def surrogates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A release whose texts have surrogates, so that without its findings nothing could be said of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small_release, "cheap_filter", lambda: cheap_filter("surrogate"))
        return make(tmp_path_factory.mktemp("surrogates"), sealed=request.param == "sealed")


@pytest.fixture(scope="module")
def honest_plain(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("honest"))


def beside(made: Made) -> Path:
    return made.folder.with_name(made.folder.name + ".findings")


def report(made: Made, findings: Path | None, *, opened: bool = True) -> Report:
    recorded = Recorded(unlocking=made.slots.unlocking if made.slots and opened else None)
    return verify(made.folder, made.public, replace(made.inputs, findings=findings), silent, recorded)


def told(found: Report) -> str:
    step = found.steps[7]
    return "\n".join([*step.checked, *step.not_checked, *(str(one) for one in step.findings)])


def test_each_changed_text_is_what_the_findings_make_of_it(surrogates: Made) -> None:
    found = report(surrogates, beside(surrogates))
    assert not [str(one) for step in found.steps for one in step.findings]
    assert "of them but for what the findings say was replaced" in told(found)
    assert "that the filter changed: the findings were not given" not in told(found)


def test_without_findings_the_report_says_what_could_not_be_compared(surrogates: Made) -> None:
    found = report(surrogates, None)
    assert not [str(one) for step in found.steps for one in step.findings]
    assert "that the filter changed: the findings were not given" in told(found)


def test_sealed_findings_take_the_workspace(tmp_path: Path) -> None:
    made = make(tmp_path, sealed=True)
    found = report(made, beside(made), opened=False)
    assert "the findings are sealed, and take the workspace" in told(found)


def test_findings_that_are_not_the_manifests_are_named_and_not_believed(
    surrogates: Made, tmp_path: Path
) -> None:
    path = tmp_path / "other"
    for data in (beside(surrogates).read_bytes() + b"\0", b"", b"nonsense"):
        path.write_bytes(data)
        found = report(surrogates, path)
        assert "these are not the findings that manifest.json names" in told(found)
        assert "the findings were not given" in told(found)
    assert "the findings cannot be read" in told(report(surrogates, tmp_path / "missing"))


def with_findings(made: Made, folder: Path, change: Callable[[pa.Table], pa.Table]) -> Report:
    """What is found where a publisher keeps other findings, and signs a manifest that names them."""
    path = folder / "forged.findings"
    pq.write_table(change(pq.read_table(beside(made))), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    def name_them(content: Content) -> None:
        content.predicate["filter"]["findings"] = digest

    return report(forge(made, folder / "forged", name_them), path)


@pytest.mark.parametrize("left", [0, 1])
def test_a_text_that_no_finding_explains_is_named(honest_plain: Made, tmp_path: Path, left: int) -> None:
    assert CHANGED in told(with_findings(honest_plain, tmp_path, lambda table: table.slice(0, left)))


def test_the_same_findings_signed_again_are_believed(honest_plain: Made, tmp_path: Path) -> None:
    found = with_findings(honest_plain, tmp_path, lambda table: table)
    assert not [str(one) for step in found.steps for one in step.findings]


def test_other_words_than_the_findings_put_are_named(honest_plain: Made, tmp_path: Path) -> None:
    def other(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index("put")
        return table.set_column(place, table.schema.field(place), pa.array(["[EMAIL_9]"] * table.num_rows))

    assert CHANGED in told(with_findings(honest_plain, tmp_path, other))


def test_a_text_left_as_it_was_although_something_was_found_is_named(
    honest_plain: Made, tmp_path: Path
) -> None:
    """The worst of all: sensitive data was found, and is released."""

    def more(table: pa.Table) -> pa.Table:
        row = table.slice(0, 1)
        place = row.schema.get_field_index("record")
        untouched = row.set_column(place, row.schema.field(place), pa.array(["c-yes/0"]))
        return pa.concat_tables([table, untouched])

    assert "the findings say that" in told(with_findings(honest_plain, tmp_path, more))


def test_findings_that_fit_no_text_are_named(honest_plain: Made, tmp_path: Path) -> None:
    def beyond(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index("end")
        return table.set_column(place, table.schema.field(place), pa.array([10**6] * table.num_rows))

    assert CHANGED in told(with_findings(honest_plain, tmp_path, beyond))


def test_a_record_left_out_for_nothing_is_named(honest_plain: Made, tmp_path: Path) -> None:
    """A publisher says that a record left for sensitive data, and neither manner nor findings say so."""

    def leave_out(content: Content) -> None:
        row = next(row for row in content.rows if row["record"] == "c-yes/3")
        content.rows.remove(row)
        content.excluded.append({"record": row["record"], "conversation": row["conversation"], "stage": "filter",
                                 "reason": "sensitive_record", "rule": "", "clause": ""})  # fmt: skip

    forged = forge(honest_plain, tmp_path / "forged", leave_out)
    assert "nothing asked to leave it out" in told(report(forged, beside(honest_plain)))

    def with_manner(content: Content) -> None:
        leave_out(content)
        content.predicate["filter"]["manners"]["SECRET"] = "drop"

    forged = forge(honest_plain, tmp_path / "again", with_manner)
    assert "the findings have none that leaves it out" in told(report(forged, beside(honest_plain)))


def test_where_no_filter_was_used_no_file_is_read(tmp_path: Path, honest_plain: Made) -> None:
    statement = read_manifest(honest_plain.folder, Notes(1, "")).statement
    assert statement is not None
    part = replaced(statement.predicate.filter, findings="")
    assert not explained(
        replaced(statement.predicate, filter=part), tmp_path / "missing", None, Notes(8, "")
    ).exact


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (None, "there was no second look"),
        ({"high": 0.5}, "not the interval of what was found"),
        ({"holding": 1}, "the kinds do not add up"),
        ({"looked_at": 10**6}, "the numbers of texts contradict one another"),
        ({"kinds": {"EMAIL": 0}}, "the kinds do not add up"),
    ],
)
def test_a_second_look_that_contradicts_itself_is_named(
    honest_plain: Made, tmp_path: Path, change: dict[str, object] | None, says: str
) -> None:
    def forged(content: Content) -> None:
        look = content.predicate["filter"]["second_look"]
        content.predicate["filter"]["second_look"] = None if change is None else look | change

    found = report(forge(honest_plain, tmp_path / "forged", forged), None)
    assert any(says in str(one) for step in found.steps for one in step.findings)
