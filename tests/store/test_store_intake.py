"""Conversations, lineage and releases in both databases."""

from __future__ import annotations

import hashlib

import pytest
from store_worlds import World, act, batch

from troth.errors import StoreError
from troth.proof.entry import commit_conversation
from troth.proof.payloads import LARGEST_BATCH
from troth.store import conversations
from troth.store.salts import fresh_salts


def test_a_conversation_is_committed_to_with_its_salt_at_its_position(world: World) -> None:
    store = world.open()

    assert store.intake([("c1", "ada"), ("c2", None), ("c3", "ada")], fresh_salts, batch) == 3

    for position, (name, account) in enumerate([("c1", "ada"), ("c2", None), ("c3", "ada")]):
        found = store.conversation(name)
        assert found is not None
        assert (found.conversation, found.account, found.position, found.batch_size) == (
            name,
            account,
            position,
            3,
        )
        assert found.commitment == commit_conversation(found.salt, name)
        assert store.batch_commitments(found.batch)[position] == found.commitment
        (row,) = store.opened(key=found.batch)
        assert row.kind == "intake"
    assert store.conversation("c4") is None
    assert store.batch_commitments(bytes(32)) == []
    assert store.conversations_of("ada") == ["c1", "c3"]
    assert store.conversations_of("c1") == []


def test_a_conversation_keeps_its_commitment_when_it_is_taken_in_again(world: World) -> None:
    store = world.open()
    store.intake([("c1", "ada"), ("c2", "ada")], fresh_salts, batch)
    before = [store.conversation("c1"), store.conversation("c2")]

    assert store.intake([("c2", "eve"), ("c3", None), ("c1", None), ("c3", "eve")], fresh_salts, batch) == 1
    assert store.intake([("c1", None)], fresh_salts, batch) == store.intake([], fresh_salts, batch) == 0

    assert [store.conversation("c1"), store.conversation("c2")] == before
    found = store.conversation("c3")
    assert found is not None
    assert (found.account, found.position, found.batch_size) == (None, 0, 1)
    assert len(store.pending(99)) == 2


def _batches(world: World, most: int, more: int) -> None:
    """Of more conversations than a batch may have the first make a whole one, and the others the next."""
    store = world.open()
    names = [f"c{number}" for number in range(most + more)]

    assert store.intake(((name, None) for name in names), fresh_salts, batch) == most + more

    assert len(store.pending(99)) == 2
    first, last = store.conversation(names[most - 1]), store.conversation(names[-1])
    assert first is not None
    assert last is not None
    assert (first.position, first.batch_size) == (most - 1, most)
    assert (last.position, last.batch_size) == (more - 1, more)
    found = store.commitments([*names, "nobody"])
    assert list(found) == names or set(found) == set(names)
    assert store.batch_commitments(last.batch) == [found[name] for name in names[most:]]


def test_many_conversations_make_batches_of_at_most_65536(sealed_sqlite: World) -> None:
    assert LARGEST_BATCH == 65_536
    _batches(sealed_sqlite, 65_536, 4_464)


def test_every_store_makes_batches_of_at_most_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are allowed take every store a second or more: here it is fewer."""
    monkeypatch.setattr(conversations, "LARGEST_BATCH", 3_000)
    _batches(world, 3_000, 500)


def test_names_of_every_character_are_taken_in(world: World) -> None:
    store = world.open()
    names = ["", "\x00", "a\x00b", "é\u0301", "\U0001f600", "x" * 20_000]

    store.intake([(name, name) for name in names], fresh_salts, batch)

    assert set(store.commitments(names)) == set(names)
    for name in names:
        assert store.conversations_of(name) == [name]


def test_names_that_are_no_text_are_refused(world: World) -> None:
    store, broken = world.open(), "caf\udce9"

    for use in (
        lambda: store.intake([("c1", None), (broken, None)], fresh_salts, batch),
        lambda: store.conversation(broken),
        lambda: list(store.opened(account=broken)),
        lambda: store.add_lineage(act("lineage", "1"), broken, ["release"]),
        lambda: store.descendants([broken]),
    ):
        with pytest.raises(StoreError, match="is not text in UTF-8"):
            use()

    assert store.pending(9) == []


def test_an_intake_that_fails_leaves_nothing(world: World) -> None:
    store = world.open()

    def refuse(_: list[bytes]) -> object:
        raise RuntimeError("no batch today")

    with pytest.raises(RuntimeError, match="no batch today"):
        store.intake([("c1", None)], fresh_salts, refuse)  # type: ignore[arg-type]

    assert store.conversation("c1") is None
    assert store.pending(9) == []
    assert store.intake([("c1", None)], fresh_salts, batch) == 1


def test_a_batch_that_was_accepted_before_is_refused(world: World) -> None:
    store = world.open()
    store.intake([("c1", None)], fresh_salts, lambda _: act("intake", "the same"))

    with pytest.raises(StoreError, match="accepted before"):
        store.intake([("c2", None)], fresh_salts, lambda _: act("intake", "the same"))

    assert store.conversation("c2") is None


def test_lineage_is_found_over_any_depth(world: World) -> None:
    store = world.open()
    store.add_lineage(act("lineage", "1"), "weights", ["release-2", "release-1"])
    store.add_lineage(act("lineage", "2"), "chat", ["weights"])
    store.add_lineage(act("lineage", "3"), "small", ["chat", "other"])
    store.add_lineage(act("lineage", "4"), "apart", ["release-3"])

    assert store.descendants(["release-1"]) == [
        ("chat", "weights"),
        ("small", "chat"),
        ("weights", "release-1"),
    ]
    assert store.descendants(["release-3", "other"]) == [("apart", "release-3"), ("small", "other")]
    assert store.descendants(["small"]) == store.descendants([]) == []
    assert store.artefacts() == [
        ("apart", "release-3"), ("chat", "weights"), ("small", "chat"), ("small", "other"),
        ("weights", "release-1"), ("weights", "release-2"),
    ]  # fmt: skip
    assert len(store.pending(99)) == 4


def test_lineage_that_comes_again_changes_nothing(world: World) -> None:
    store = world.open()
    store.add_lineage(act("lineage", "1"), "weights", ["b", "a"])
    store.add_lineage(act("lineage", "1"), "weights", ["a", "b", "a"])

    assert len(store.pending(9)) == 1
    assert len(store.artefacts()) == 2


@pytest.mark.parametrize(
    ("child", "parents", "why"),
    [
        ("weights", ["other"], "is recorded as made from release"),
        ("release", ["chat"], "would be made from itself"),
        ("release", ["new", "weights"], "would be made from itself"),
        ("self", ["self"], "would be made from itself"),
        ("nothing", [], "has no parents"),
    ],
)
def test_lineage_that_cannot_be_is_refused(world: World, child: str, parents: list[str], why: str) -> None:
    store = world.open()
    store.add_lineage(act("lineage", "1"), "weights", ["release"])
    store.add_lineage(act("lineage", "2"), "chat", ["weights"])

    with pytest.raises(StoreError, match=why):
        store.add_lineage(act("lineage", "3"), child, parents)

    assert len(store.artefacts()) == len(store.pending(9)) == 2


def test_a_long_and_a_wide_lineage_are_found(world: World) -> None:
    store = world.open()
    for number in range(60):
        store.add_lineage(act("lineage", f"long {number}"), f"m{number + 1}", [f"m{number}"])
    store.add_lineage(act("lineage", "wide"), "all", [f"m{number}" for number in range(61)])

    assert len(store.descendants(["m0"])) == 60 + 61
    with pytest.raises(StoreError, match="from itself"):
        store.add_lineage(act("lineage", "back"), "m0", ["all"])


def test_a_cycle_that_somebody_wrote_into_the_table_does_not_hang(world: World) -> None:
    store = world.open()
    engine = store._engine  # type: ignore[attr-defined]
    with engine.writing():
        for child, parent in (("a", "b"), ("b", "a"), ("c", "c")):
            engine.change("INSERT INTO lineage (child, parent) VALUES (?, ?)", (child, parent))

    assert store.descendants(["a"]) == [("a", "b"), ("b", "a")]
    assert store.descendants(["c"]) == [("c", "c")]


def test_a_release_is_added_once_and_may_be_moved(world: World) -> None:
    store = world.open()
    store.add_release(act("release", "1"), "sha256:1", "/a")
    store.add_release(act("release", "0"), "sha256:0", "/b")
    store.add_release(act("release", "1"), "sha256:1", "/elsewhere")
    assert store.releases() == [("sha256:1", "/a"), ("sha256:0", "/b")]
    assert len(store.pending(9)) == 2

    store.move_release("sha256:1", "/c")

    assert world.open().releases() == [("sha256:1", "/c"), ("sha256:0", "/b")]
    with pytest.raises(StoreError, match="knows no release"):
        store.move_release("sha256:2", "/d")


def test_salts_are_fresh() -> None:
    drawn = fresh_salts(1000)

    assert {len(salt) for salt in drawn} == {32}
    assert len(set(drawn)) == 1000
    assert fresh_salts(0) == []
    assert hashlib.sha256(b"".join(drawn)).digest() != hashlib.sha256(b"".join(fresh_salts(1000))).digest()
