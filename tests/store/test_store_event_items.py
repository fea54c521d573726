"""Events as items: their bytes, keys and kinds."""

from __future__ import annotations

import hashlib
import string

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_worlds import choice, event, items, said

from troth.canon.canonical import canonical_bytes
from troth.errors import Place
from troth.history.event import Event, event_bytes, public_form, read_event
from troth.history.vocabulary import EVENTS, LIST_FIELDS, TIME_FIELDS
from troth.proof.entry import check_opening
from troth.types.moment import FIRST, LAST, format_moment

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
TIME = st.integers(FIRST, LAST)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event of the vocabulary, with any text."""
    name = draw(st.sampled_from(sorted(EVENTS)))
    at = draw(TIME)
    fields: dict[str, object] = {}
    for field in EVENTS[name].fields:
        if field in TIME_FIELDS:
            value = draw(st.none() | TIME)
        elif field in LIST_FIELDS:
            value = draw(st.none() | st.lists(TEXT, max_size=3).map(tuple))
        elif field == "zero_retention":
            value = draw(st.none() | st.booleans())
        else:
            value = draw(st.none() | TEXT)
        fields[field] = value
    return Event(name, at, draw(st.just(at) | TIME), draw(st.none() | TEXT), **fields)  # type: ignore[arg-type]


@settings(max_examples=400, deadline=None)
@given(events())
def test_the_bytes_of_an_event_are_canonical(one: Event) -> None:
    assert event_bytes(one) == canonical_bytes(public_form(one))


def test_every_character_is_written_as_rfc_8785_does() -> None:
    for first in range(0, 0x11000, 0x400):
        text = "".join(chr(code) for code in range(first, first + 0x400) if not 0xD800 <= code < 0xE000)
        one = Event("choice.made", 0, 0, account=text)
        assert event_bytes(one) == canonical_bytes(public_form(one))


@settings(max_examples=100, deadline=None)
@given(events())
def test_an_item_opens_its_commitment_and_holds_the_event(one: Event) -> None:
    (item,) = items(one)

    check_opening(item.commitment, item.salt, item.payload)
    assert item.payload == canonical_bytes({"event": public_form(one)})
    assert (item.account, item.conversation) == (one.account, one.conversation)
    assert (item.also is None) == (item.bare is None) == (one.event != "record.said")


def test_an_event_with_an_id_is_known_by_it() -> None:
    one, other = items(choice(1), choice(1, value="refused"))

    assert one.key == other.key == hashlib.sha256(b"id\x00e1").digest()


def test_an_event_without_an_id_is_known_by_its_content_and_never_taken_for_an_id() -> None:
    bare = event(event="conversation.flagged", conversation="c1")
    (one,) = items(bare)
    trick = one.payload.decode()

    (again,) = items(bare)
    (other,) = items(event(event="conversation.flagged", conversation="c1", id=trick))

    assert one.key == again.key
    assert one.key != other.key
    assert one.salt != again.salt


def test_a_record_is_known_by_its_id_and_by_what_is_said_of_it() -> None:
    plain, named, other, changed = items(
        said("r1"), said("r1", id="x"), said("r2"), said("r1", id="y", role="assistant")
    )

    assert plain.also == named.also == changed.also != other.also
    assert plain.bare == named.bare != changed.bare
    assert len({plain.key, named.key, other.key, changed.key}) == 4


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("choice.made", "choice"), ("terms.acknowledged", "choice"), ("conversation.deleted", "deletion"),
        ("record.deleted", "deletion"), ("account.closed", "deletion"), ("hold.placed", "hold"),
        ("hold.released", "hold"), ("account.opened", "event"), ("record.said", "event"),
    ],
)  # fmt: skip
def test_the_kind_of_an_entry_follows_from_the_event(name: str, kind: str) -> None:
    given = {
        field: "granted" if field == "value" else string.ascii_lowercase for field in EVENTS[name].required
    }
    if name == "choice.made":
        given["account"] = "ada"

    (item,) = items(event(event=name, **given))

    assert item.kind == kind


def test_a_payload_is_read_back_as_the_same_event() -> None:
    one = choice(1, recorded_at=format_moment(LAST))

    (item,) = items(one)

    assert read_event(msgspec.json.decode(item.payload)["event"], Place("test")) == one
