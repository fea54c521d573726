"""Whatever the signer itself does against its terms is found by deciding again; and others cannot sign."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_release import TEXTS, Content, Made, forge, replace_file

from troth.release.keys import new_key
from troth.release.layout import EXCLUDED
from troth.verify.report import Report

SHARD = "shards/part-00000.parquet"


def lines(report: Report) -> list[str]:
    found = [str(finding) for finding in report.findings]
    assert all("\n" not in line for line in found)
    return found


def denied(content: Content) -> dict[str, Any]:
    return next(row for row in content.excluded if row["reason"] == "refused")


def release_it(content: Content, record: dict[str, Any]) -> None:
    """Put a record of the logs among the released ones, as the signer would."""
    row = {**content.rows[0], **record, "salt": b""}
    content.rows = sorted([*content.rows, row], key=lambda r: (r["conversation"], r["position"], r["record"]))
    content.excluded = [left for left in content.excluded if left["record"] != record["record"]]


def of_the_log(made: Made, record: str) -> dict[str, Any]:
    return next(row for row in made.records.to_pylist() if row["record"] == record)


def recount(content: Content) -> None:
    """Statistics that follow from the rows, as far as they are easy to forge."""
    told = content.predicate["statistics"]
    told["records"] = len(content.rows)
    told["conversations"] = len({row["conversation"] for row in content.rows})


def test_a_forged_release_that_changes_nothing_passes(honest: Made, tmp_path: Path) -> None:
    forged = forge(honest, tmp_path / "forged", lambda content: content.extra.update(keep_counts=True))
    assert lines(forged.verify()) == []


def test_a_smuggled_record_with_consistent_digests_and_another_key(honest: Made, tmp_path: Path) -> None:
    other, _ = new_key(tmp_path / "other")
    smuggled = {**of_the_log(honest, "c-yes/0"), "record": "c-new/0", "conversation": "c-new"}
    forged = forge(honest, tmp_path / "forged", lambda content: release_it(content, smuggled), key=other)
    found = lines(forged.verify())
    assert "other key: signed with" in found[0]
    assert any("smuggled: the record 'c-new/0' is released and is in no log" in line for line in found)


def test_a_denied_record_released_with_the_right_key(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        release_it(content, of_the_log(honest, "c-no/0"))
        recount(content)

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any(
        line.startswith("shards: not permitted: the record 'c-no/0' is released as 'choice_granted', "
                        "and the terms deny it: 'refused'") for line in found
    )  # fmt: skip


def test_a_dropped_record_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.excluded = [row for row in content.excluded if row["record"] != "c-no/0"]

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("logs: the record 'c-no/0' is neither released nor excluded" in line for line in found)
    assert any("counts.input is 14, and the logs have 15 records" in line for line in found)


def test_a_released_record_dropped_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.rows = [row for row in content.rows if row["record"] != "c-yes/2"]

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("'c-yes/2' is neither released nor excluded" in line for line in found)
    assert any("statistics.records is 5, and the shards hold 4" in line for line in found)


def test_a_record_twice_in_a_shard_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.rows.insert(1, dict(content.rows[0]))

    found = lines(forge(honest, tmp_path / "forged", change).verify(inputs=False))
    assert any("stands behind" in line and "belongs before it" in line for line in found)
    assert any("is in the release twice" in line for line in found)


def test_a_record_twice_under_two_conversations_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.rows.append({**content.rows[-1], "conversation": "z"})

    found = lines(forge(honest, tmp_path / "forged", change).verify(inputs=False))
    assert any("the record 'c-yes/3' is in the release twice" in line for line in found)


def test_an_edited_reason_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        denied(content)["reason"] = "undecided"

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any(
        "is excluded as 'undecided'" in line and "the terms deny it: 'refused'" in line for line in found
    )


@pytest.mark.parametrize("column", ["rule", "clause"])
def test_an_edited_rule_or_clause_is_named(honest: Made, tmp_path: Path, column: str) -> None:
    def change(content: Content) -> None:
        denied(content)[column] = "made up"

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("'made up'" in line for line in found)


def test_an_allowed_record_excluded_as_denied_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        row = content.rows.pop()
        left = {"record": row["record"], "conversation": row["conversation"], "stage": "decide",
                "reason": "undecided", "rule": "", "clause": ""}  # fmt: skip
        content.excluded = sorted([*content.excluded, left], key=lambda r: (r["record"], r["stage"]))

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any(
        "is excluded as 'undecided', and the terms allow it: 'choice_granted'" in line for line in found
    )


def test_a_record_on_both_sides_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        left = {"record": "c-yes/0", "conversation": "c-yes", "stage": "decide", "reason": "refused",
                "rule": "", "clause": ""}  # fmt: skip
        content.excluded = sorted([*content.excluded, left], key=lambda r: (r["record"], r["stage"]))

    found = lines(forge(honest, tmp_path / "forged", change).verify(inputs=False))
    assert any("the record 'c-yes/0' is excluded and also released" in line for line in found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("How do I kill an apple tree?", "differs from the log's in more than filter tags"),
        ("How do I prune an [EMAIL_1] late winter without hurting it? Really.", "differs from the log's"),
    ],
)
def test_a_changed_text_is_named(honest: Made, tmp_path: Path, text: str, says: str) -> None:
    def change(content: Content) -> None:
        row = next(row for row in content.rows if row["text"] == TEXTS[0])
        row["text"] = text

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any(says in line and line.startswith("shards: ") for line in found)


@pytest.mark.parametrize("column", ["account", "role", "plan", "model", "position"])
def test_a_changed_column_is_named(honest: Made, tmp_path: Path, column: str) -> None:
    def change(content: Content) -> None:
        content.rows[-1][column] = 9 if column == "position" else "assistant"

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    if column == "role":
        assert found == []  # it is the assistant's turn
    else:
        assert any("something beside its text was changed" in line for line in found)


def test_a_longer_keeping_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.rows[0]["keep_until"] = None

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("is kept until no end, and the terms say 20" in line for line in found)


def test_another_reason_to_allow_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.rows[0]["reason"] = "feedback_given"
        content.rows[1]["reason"] = "refused"

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("is released as 'feedback_given'" in line for line in found)
    assert any("'refused' is not a reason to release a record" in line for line in found)


def test_media_with_another_digest_are_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.rows[0] |= {"bytes": b"other", "digest": "sha256:" + "0" * 64}

    found = lines(forge(honest, tmp_path / "forged", change).verify(inputs=False))
    assert any("do not have the digest 'sha256:000" in line for line in found)


def test_rows_out_of_order_are_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.rows.reverse()
        content.excluded.reverse()

    found = lines(forge(honest, tmp_path / "forged", change).verify(inputs=False))
    assert any(line.startswith("shards/part-00000.parquet: the record") for line in found)
    assert any(line.startswith("excluded.parquet: the record") for line in found)


def test_edited_statistics_and_counts_are_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        told = content.predicate["statistics"]
        for name in ("conversations", "records", "words", "text_bytes", "media_records", "media_bytes"):
            told[name] += 1
        for name in ("products", "kinds", "roles", "plans", "months"):
            told[name] = {"made up": 5}
        told["contributors"]["accounts"] = 3
        content.predicate["counts"]["input"] += 1
        content.predicate["deduplicate"]["exact_duplicates"] += 1
        content.extra["keep_counts"] = True

    found = lines(forge(honest, tmp_path / "forged", change).verify(inputs=False))
    for part in ("conversations is", "records is", "words is", "text_bytes is", "media_records is",
                 "media_bytes is", "products: 'made up'", "kinds: ", "roles: ", "months: ", "contributors is",
                 "records went in", "left as exact_duplicate", "sources do not add up"):  # fmt: skip
        assert any(part in line for line in found), part


def test_edited_plans_are_found_by_deciding_again(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.predicate["statistics"]["plans"] = {"max": len(content.rows)}
        content.extra["keep_counts"] = True

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("statistics.plans: 'max' is 5, and 0 were counted" in line for line in found)


def test_more_filtered_texts_than_the_filter_changed_are_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.predicate["filter"]["records"] = 0
        content.extra["keep_counts"] = True

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("said to have changed 0 records, and changed 1 of the released" in line for line in found)


def test_other_terms_history_and_records_are_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.predicate["terms"]["digest"] = "sha256:" + "1" * 64
        content.predicate["history"]["digest"] = "sha256:" + "2" * 64
        content.predicate["records"]["digest"] = "sha256:" + "3" * 64
        content.extra["keep_counts"] = True

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("the digest of the terms is not that of the terms given" in line for line in found)
    assert any(
        "history given, as of 2025-11-01T00:00:00Z, is not the one of the manifest" in line for line in found
    )
    assert any("logs given are not the records of the manifest" in line for line in found)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("purpose",), "train.everything", "purpose 'train.everything' is not one"),
        (("sample",), 1.5, "sample is 1.5"),
        (("seed",), -1, "seed is negative"),
        (("at",), "2025-11-01", "at is not a time"),
        (("terms", "version"), "2023-01-01", "not the newest version in effect"),
        (("salts",), "seed", "does not fit signed"),
        (("filter", "kinds"), [], "does not say which it is"),
        (("counts", "excluded"), [], "records went in"),
        (("terms", "versions"), [], "in effect at the time"),
    ],
)
def test_a_manifest_that_contradicts_itself(
    honest: Made, tmp_path: Path, path: tuple[str, ...], value: Any, says: str
) -> None:
    def change(content: Content) -> None:
        content.extra["keep_counts"] = True
        part = content.predicate
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value

    found = lines(forge(honest, tmp_path / "forged", change).verify(inputs=False))
    assert any(says in line for line in found)


def test_a_repetition_that_is_not_listed_is_named(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        content.excluded = [row for row in content.excluded if row["stage"] != "intake"]

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("1 record came in more often, or less" in line for line in found)


def test_salts_of_an_unsigned_release_follow_from_its_seed(unsigned: Made, tmp_path: Path) -> None:
    forged = forge(unsigned, tmp_path / "forged", lambda content: content.extra.update(keep_counts=True))
    assert lines(forged.verify(key=False)) == []
    seeded = forge(unsigned, tmp_path / "seeded", lambda content: content.predicate.update(seed=8))
    assert not any("salts" in line for line in lines(seeded.verify(key=False)))


def test_duplicates_and_the_sample_leave_whole(honest: Made, tmp_path: Path) -> None:
    def change(content: Content) -> None:
        row = next(row for row in content.excluded if row["reason"] == "exact_duplicate")
        release_it(content, of_the_log(honest, row["record"]))

    found = lines(forge(honest, tmp_path / "forged", change).verify())
    assert any("left as exact_duplicate and is released in part" in line for line in found)


def test_a_conversation_outside_the_sample_is_named(honest: Made, tmp_path: Path) -> None:
    found = lines(
        forge(honest, tmp_path / "forged", lambda c: c.predicate.update(sample=0.0)).verify(inputs=False)
    )
    assert any("is not in the sample that the seed draws" in line for line in found)


def test_hostile_ids_stay_in_one_line(honest: Made, tmp_path: Path) -> None:
    name = "evil\n\x1b[2J\u202e<script>" + "x" * 500
    smuggled = {**of_the_log(honest, "c-yes/0"), "record": name, "conversation": name}
    found = lines(forge(honest, tmp_path / "forged", lambda content: release_it(content, smuggled)).verify())
    assert any("smuggled: the record 'evil\\n\\x1b[2J\\u202e<script>xxx" in line for line in found)
    assert all(line.isprintable() and len(line) < 400 for line in found)


def parquet(table: pa.Table, **more: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **more)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("name", [SHARD, EXCLUDED])
def test_a_signed_file_that_is_no_parquet_of_its_format_is_named(
    honest: Made, tmp_path: Path, name: str
) -> None:
    table = pq.read_table(honest.folder / name)
    data = (honest.folder / name).read_bytes()
    nullable = pa.schema([field.with_nullable(True) for field in table.schema], table.schema.metadata)
    for number, (other, says) in enumerate(
        (
            (b"", "cannot be read as Parquet"),
            (b"PAR1PAR1", "cannot be read as Parquet"),
            (data[: len(data) // 2], "cannot be read as Parquet"),
            (data[:4] + bytes(len(data) - 8) + data[-4:], "cannot be read as Parquet"),
            (parquet(table.append_column("secret\n", [["x"] * len(table)])), "extra: 'secret\\n'"),
            (parquet(table.drop_columns(["record"])), "missing: record"),
            (parquet(table.replace_schema_metadata({})), "do not name the format"),
            (parquet(table.cast(nullable)), "columns are not those of the format"),
        )
    ):  # fmt: skip
        report = replace_file(honest, tmp_path / f"forged-{number}", name, other).verify()
        assert any(line.startswith(f"{name}: ") and says in line for line in lines(report)), says


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_to_a_signed_file_stops_the_verification(
    honest: Made, tmp_path: Path, data: st.DataObject
) -> None:
    """The digests fit, so the damaged file is read: it is a finding, or the same rows, and never a crash."""
    name = data.draw(st.sampled_from([SHARD, EXCLUDED]))
    content = bytearray((honest.folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    shutil.rmtree(tmp_path / "forged", ignore_errors=True)
    assert replace_file(honest, tmp_path / "forged", name, bytes(content)).verify().exit_code in (0, 1)
