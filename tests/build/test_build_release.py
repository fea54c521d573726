"""What a release holds, what it leaves out, and what the manifest says of both."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import release_worlds as made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_worlds import FILTERED, PLAIN, built, excluded_rows, photo, released_rows, said, talk

from cheap_filter import cheap_filter
from troth.build import selection, shards
from troth.build.inputs import LogSource
from troth.build.pipeline import build
from troth.errors import LogError, ReleaseError, TrothError, UsageError
from troth.release.keys import load_public_key, new_key
from troth.release.manifest import DeniedCopies

SENTENCE = (
    "the quick brown fox jumps over the lazy dog while seven wizards quietly mix a potion of old oak leaves"
)


def test_a_release_holds_the_allowed_turns_in_order_with_why_and_until_when(tmp_path: Path) -> None:
    rows = talk("b", "Is it open?", "Yes.") + talk("a", "Good morning.", "Good morning to you.")
    release = built(tmp_path, rows[::-1], deny={"b/1": "refused"}, purpose=PLAIN)
    found = released_rows(tmp_path / "release")
    assert [(row["record"], row["text"]) for row in found] == [
        ("a/0", "Good morning."),
        ("a/1", "Good morning to you."),
        ("b/0", "Is it open?"),
    ]
    assert {(row["reason"], row["rule"], row["clause"]) for row in found} == {
        ("choice_granted", "yes-means-yes", "Terms § 4")
    }
    assert excluded_rows(tmp_path / "release") == [
        {
            "record": "b/1",
            "conversation": "b",
            "stage": "decide",
            "reason": "refused",
            "rule": "no-means-no",
            "clause": "Terms § 4",
        }
    ]
    assert (release.counts.input, release.counts.released) == (4, 3)


def test_positions_order_as_numbers_and_ids_as_bytes(tmp_path: Path) -> None:
    rows = [said("z", n, f"turn {n}") for n in (10, 9, 2)] + [said("é", 0, "accent"), said("Z", 0, "capital")]
    built(tmp_path, rows)
    assert [r["record"] for r in released_rows(tmp_path / "release")] == ["Z/0", "z/2", "z/9", "z/10", "é/0"]


@pytest.mark.parametrize("rows", [[], talk("a", "Hello.")])
def test_a_release_of_nothing_is_a_release(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    release = built(tmp_path, rows, deny={"a": "undecided"})
    assert (release.counts.released, release.shards) == (0, ())
    assert list((tmp_path / "release" / "shards").iterdir()) == []


def test_no_files_of_records_at_all(tmp_path: Path) -> None:
    assert built(tmp_path, [], records=()).counts.input == 0


def test_the_same_record_again_counts_once(tmp_path: Path) -> None:
    rows = talk("a", "Hello.", "Hi.")
    release = built(tmp_path, [*rows, rows[0], rows[0]])
    assert [r["record"] for r in released_rows(tmp_path / "release")] == ["a/0", "a/1"]
    assert [(e["record"], e["stage"], e["reason"]) for e in excluded_rows(tmp_path / "release")] == [
        ("a/0", "intake", "repeated")
    ] * 2
    assert release.counts.input == 4


def test_a_repeated_record_that_is_denied_has_a_row_for_each(tmp_path: Path) -> None:
    rows = talk("a", "Hello.")
    built(tmp_path, [*rows, *rows], deny={"a": "refused"})
    assert [(e["stage"], e["reason"]) for e in excluded_rows(tmp_path / "release")] == [
        ("decide", "refused"),
        ("intake", "repeated"),
    ]


def test_one_id_with_two_contents_is_an_error(tmp_path: Path) -> None:
    rows = [*talk("a", "Hello."), said("a", 0, "Good bye.")]
    with pytest.raises(LogError, match=r"'a/0' came in twice with different content, in .*records.parquet"):
        built(tmp_path, rows)
    assert not (tmp_path / "release").exists()


def test_a_record_without_a_decision_is_an_error(tmp_path: Path) -> None:
    rows = talk("a", "Hello.", "Hi.")
    decisions = made.write_decisions(tmp_path / "fewer.parquet", rows[:1], {})
    with pytest.raises(ReleaseError, match="each record must have exactly one"):
        built(tmp_path, rows, decisions=decisions)


def test_log_formats_that_do_not_add_up_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="dropped in silence"):
        built(tmp_path, talk("a", "Hello."), sources=(LogSource("sgd", 2),))


def test_what_is_not_a_file_of_records_is_an_error(tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(made.write_records(other, talk("a", "x"))).drop_columns(["text"]), other)
    with pytest.raises(LogError, match="the columns text are missing"):
        built(tmp_path, talk("a", "x"), records=(other,))
    other.write_bytes(b"not parquet")
    with pytest.raises(LogError, match="not a Parquet file"):
        built(tmp_path, talk("a", "x"), records=(other,))


@pytest.mark.parametrize(
    ("option", "value"),
    [("seed", -1), ("seed", 2**53), ("sample", 1.5), ("sample", float("nan")), ("jobs", 0)],
)
def test_options_that_cannot_be(tmp_path: Path, option: str, value: float) -> None:
    with pytest.raises(UsageError):
        built(tmp_path, talk("a", "x"), **{option: value})


def test_an_output_that_exists_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    with pytest.raises(UsageError, match="exists"):
        built(tmp_path, talk("a", "x"))
    assert list((tmp_path / "release").iterdir()) == []


# --- the filter -----------------------------------------------------------------------------------


def test_the_filter_is_used_where_the_terms_require_it(tmp_path: Path) -> None:
    rows = talk("a", "Mail ann@example.org or call +49 30 1234567.", "Thanks.")
    release = built(tmp_path / "asked", rows, purpose=FILTERED)
    assert released_rows(tmp_path / "asked" / "release")[0]["text"] == "Mail [EMAIL_1] or call [PHONE_1]."
    assert release.filter.required
    assert (release.filter.records, release.filter.replaced) == (1, {"EMAIL": 1, "PHONE": 1})
    assert release.filter.digest == cheap_filter().digest
    assert release.filter.clauses == ("Help 8325621",)
    release = built(tmp_path / "not-asked", rows, purpose=PLAIN)
    assert released_rows(tmp_path / "not-asked" / "release")[0]["text"] == rows[0]["text"]
    assert not release.filter.required


def test_media_that_the_filter_cannot_read_stay_out(tmp_path: Path) -> None:
    elsewhere = said("a", 2, None, kind="audio", media_type="audio/ogg", path="clips/1.ogg")
    rows = [said("a", 0, "Look at this:"), photo("a", 1, b"\x89PNG"), elsewhere]
    release = built(tmp_path, rows, purpose=FILTERED)
    assert [r["record"] for r in released_rows(tmp_path / "release")] == ["a/0"]
    assert [(e["record"], e["stage"], e["reason"]) for e in excluded_rows(tmp_path / "release")] == [
        ("a/1", "filter", "unfiltered_media"),
        ("a/2", "filter", "unfiltered_media"),
    ]
    assert release.statistics.media_records == 0


def test_media_are_carried_where_no_filter_is_required(tmp_path: Path) -> None:
    rows = [said("a", 0, "Look:"), photo("a", 1, b"\x89PNG"), photo("b", 0, b"GIF89a" * 1000)]
    rows.append(said("a", 2, None, kind="audio", media_type="audio/ogg", path="clips/1.ogg"))
    release = built(tmp_path, rows, deny={"b": "refused"}, purpose=PLAIN)
    assert [(r["record"], r["bytes"], r["path"]) for r in released_rows(tmp_path / "release")] == [
        ("a/0", None, None),
        ("a/1", b"\x89PNG", None),
        ("a/2", None, "clips/1.ogg"),
    ]
    assert (release.statistics.media_records, release.statistics.media_bytes) == (2, 4)


def test_bytes_under_a_wrong_digest_are_an_error(tmp_path: Path) -> None:
    rows = [{**photo("a", 0, b"one"), "bytes": b"other"}]
    with pytest.raises(LogError, match="the digest of the record 'a/0' is not that of its bytes"):
        built(tmp_path, rows, purpose=PLAIN)


# --- duplicates -----------------------------------------------------------------------------------


def test_the_smallest_id_of_exact_duplicates_stays(tmp_path: Path) -> None:
    rows = talk("c", "Hello  there", "yes") + talk("b", "HELLO there yes") + talk("d", "Hello there. Yes!")
    release = built(tmp_path, rows)
    assert {r["conversation"] for r in released_rows(tmp_path / "release")} == {"b", "d"}
    assert {(e["record"], e["reason"]) for e in excluded_rows(tmp_path / "release")} == {
        ("c/0", "exact_duplicate"),
        ("c/1", "exact_duplicate"),
    }
    assert (release.deduplicate.exact_duplicates, release.deduplicate.near_duplicates) == (1, 0)


def test_near_duplicates_leave_and_others_stay(tmp_path: Path) -> None:
    long = " ".join(f"{SENTENCE} number {n}" for n in range(8))
    other = " ".join(f"{word[::-1]} {n}" for n, word in enumerate(long.split()))
    rows = talk("b", long) + talk("a", long.replace("number 3", "numero 3")) + talk("c", other)
    release = built(tmp_path, rows)
    assert {r["conversation"] for r in released_rows(tmp_path / "release")} == {"a", "c"}
    assert release.deduplicate.near_duplicates == 1


def test_duplicates_among_the_denied_are_counted_and_do_not_displace_the_allowed(tmp_path: Path) -> None:
    rows = [turn for name in "abcdef" for turn in talk(name, "Tell me a joke.", "A horse walks into a bar.")]
    rows += talk("g", "Something else.") + talk("h", "Something else.")
    deny = dict.fromkeys("abdgh", "refused")
    release = built(tmp_path, rows, deny=deny)
    assert {r["conversation"] for r in released_rows(tmp_path / "release")} == {"c"}
    assert release.deduplicate.exact_duplicates == 2
    assert release.deduplicate.denied_copies == DeniedCopies(of_allowed=3, among_denied=1)


def test_conversations_without_words_are_no_duplicates(tmp_path: Path) -> None:
    release = built(tmp_path, talk("a", "") + talk("b", " ") + [said("c", 0, None)])
    assert (release.counts.released, release.deduplicate.exact_duplicates) == (3, 0)


def test_the_same_picture_twice_is_a_duplicate_and_two_pictures_are_not(tmp_path: Path) -> None:
    rows = [photo("a", 0, b"one"), photo("b", 0, b"one"), photo("c", 0, b"two")]
    built(tmp_path, rows, purpose=PLAIN)
    assert {r["conversation"] for r in released_rows(tmp_path / "release")} == {"a", "c"}


# --- sampling -------------------------------------------------------------------------------------


def test_a_sample_keeps_whole_conversations_and_grows_with_its_share(tmp_path: Path) -> None:
    rows = [turn for n in range(200) for turn in talk(f"c{n:03d}", f"question {n}", f"answer {n}")]
    kept = {}
    for share in (0.0, 0.2, 0.5, 1.0):
        release = built(tmp_path / str(share), rows, sample=share)
        found = released_rows(tmp_path / str(share) / "release")
        kept[share] = {row["conversation"] for row in found}
        assert len(found) == 2 * len(kept[share]) == release.counts.released
    assert (len(kept[0.0]), len(kept[1.0])) == (0, 200)
    assert kept[0.2] < kept[0.5]
    assert 20 < len(kept[0.2]) < 60
    built(tmp_path / "other", rows, sample=0.5, seed=8)
    assert {row["conversation"] for row in released_rows(tmp_path / "other" / "release")} != kept[0.5]
    assert {e["reason"] for e in excluded_rows(tmp_path / "0.2" / "release")} == {"not_sampled"}


# --- same inputs, same bytes ----------------------------------------------------------------------


def many(count: int = 60) -> list[dict[str, object]]:
    rows = []
    for n in range(count):
        text = f"{SENTENCE} {n % 40} — write to user{n}@example.org" if n % 3 else f"short {n % 20}"
        rows += talk(f"c{n * 7919 % 1000:03d}", text, f"answer {n}", "ok" if n % 2 else "好的，谢谢")
        if n % 5 == 0:
            rows.append(photo(f"c{n * 7919 % 1000:03d}", 9, b"%d" % (n % 10)))
    return rows


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and shards small enough for several of each."""
    monkeypatch.setattr(selection, "_CHUNK_ROWS", 25)
    monkeypatch.setattr(shards, "SHARD_ROWS", 40)


@pytest.mark.usefixtures("small_pieces")
def test_same_bytes_whatever_the_jobs_the_files_and_their_order(tmp_path: Path) -> None:
    rows = many()
    built(tmp_path / "one", rows, purpose=PLAIN)
    expected = made.contents(tmp_path / "one" / "release")
    assert len([name for name in expected if name.startswith("shards/")]) > 2

    built(tmp_path / "two", rows, purpose=PLAIN, jobs=2)
    assert made.contents(tmp_path / "two" / "release") == expected

    shuffled = random.Random(5).sample(rows, len(rows))
    folder = tmp_path / "shuffled"
    folder.mkdir()
    parts = tuple(
        made.write_records(folder / f"part{i}.parquet", shuffled[i::3], row_group_size=10) for i in (2, 0, 1)
    )
    built(folder, shuffled, purpose=PLAIN, records=parts, jobs=2)
    assert made.contents(folder / "release") == expected


def test_the_size_of_chunks_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = many()
    built(tmp_path / "whole", rows)
    monkeypatch.setattr(selection, "_CHUNK_ROWS", 7)
    built(tmp_path / "small", rows)
    assert made.contents(tmp_path / "whole" / "release") == made.contents(tmp_path / "small" / "release")


def test_seed_key_and_content_change_the_salts(tmp_path: Path) -> None:
    secret, public = new_key(tmp_path / "me")
    rows = talk("a", "Hello.")
    builds = {"plain": {}, "again": {}, "seed": {"seed": 8}, "key": {"sign_key": secret}}
    salts = {}
    for name, options in builds.items():
        release = built(tmp_path / name, rows, **options)
        salts[name] = released_rows(tmp_path / name / "release")[0]["salt"]
        assert release.salts == ("key" if name == "key" else "seed")
        assert release.signed == (name == "key")
    built(tmp_path / "more", rows + talk("b", "Bye."))
    salts["more"] = released_rows(tmp_path / "more" / "release")[0]["salt"]
    assert salts["plain"] == salts["again"]
    assert len(set(salts.values())) == 4
    assert load_public_key(public)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_counts_add_up_and_every_record_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Records in = records released + records excluded, whatever happens to them."""
    text = st.sampled_from(["Hello.", "hello.", "", SENTENCE, SENTENCE + " end", "mail a@b.example.org"])
    rows = []
    for name in data.draw(st.lists(st.sampled_from("abcdefgh"), unique=True)):
        rows += talk(name, *data.draw(st.lists(text, min_size=1, max_size=4)))
        if data.draw(st.booleans()):
            rows.append(photo(name, 7, data.draw(st.sampled_from([b"1", b"2"]))))
    again = data.draw(st.lists(st.sampled_from(rows), max_size=4)) if rows else []
    names = st.sampled_from([row["record"] for row in rows] + list("abc")) if rows else st.nothing()
    deny = data.draw(st.dictionaries(names, st.sampled_from(["refused", "undecided"]))) if rows else {}
    folder = tmp_path_factory.mktemp("counts")
    purpose = data.draw(st.sampled_from([FILTERED, PLAIN]))
    sample = data.draw(st.sampled_from([1.0, 0.5]))
    release = built(folder, rows + again, deny=deny, purpose=purpose, sample=sample)
    came_out = [row["record"] for row in released_rows(folder / "release")]
    left = [row["record"] for row in excluded_rows(folder / "release") if row["stage"] != "intake"]
    assert sorted(came_out + left) == sorted(row["record"] for row in rows)
    denied = {row["record"] for row in rows if row["record"] in deny or row["conversation"] in deny}
    assert denied.isdisjoint(came_out)
    assert release.counts.input == len(rows) + len(again)


def test_every_error_of_a_build_is_one_of_ours(tmp_path: Path) -> None:
    inputs = made.inputs_for(tmp_path, talk("a", "x"))
    inputs.decisions.write_bytes(b"broken")
    with pytest.raises(TrothError, match="cannot be built"):
        build(inputs, cheap_filter())
    with pytest.raises(TrothError, match="no folder"):
        build(dataclasses.replace(inputs, out=tmp_path / "no" / "where"), cheap_filter())


def test_row_groups_close_at_rows_or_bytes_however_the_rows_were_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_GROUP_ROWS", 3)
    monkeypatch.setattr(shards, "_GROUP_BYTES", 10)
    texts = ["a", "b", "c", "dddddddddddd", "ee", "eeee", "eeee", "f", "g", None, "h" * 30, "i" * 30]
    media = [None, None, None, None, None, None, None, None, 9, None, None, None]
    rows = pa.table({"text": pa.array(texts), "media_bytes": pa.array(media, pa.int64())})
    for size in (1, 2, 5, 12):
        parts = (rows.slice(start, size) for start in range(0, 12, size))
        groups = [group.column("text").to_pylist() for group in shards._row_groups(parts)]
        assert [len(group) for group in groups] == [3, 1, 3, 2, 2, 1]
