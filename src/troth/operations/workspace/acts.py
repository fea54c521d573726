"""Acts of the organisation as items of the store: terms published, builds, releases, withdrawals, lineage."""

from __future__ import annotations

import hashlib

from troth.proof.entry import commit
from troth.proof.payloads import Payload, TermsPayload, TermsVersion, payload_bytes
from troth.store.interface import Item
from troth.store.salts import fresh_salts
from troth.terms.model import Terms
from troth.types.moment import format_moment


def act(kind: str, payload: Payload, *, every_time: bool = False) -> Item:
    """An item whose key is its content: the same act said again is the same act, and logged once.

    With ``every_time`` it is another act each time it is said: something was done again.
    """
    data = payload_bytes(payload)
    (salt,) = fresh_salts(1)
    told = b"act\x00" + kind.encode() + b"\x00" + data
    key = hashlib.sha256(told + salt if every_time else told).digest()
    return Item(key, kind, data, salt, commit(salt, data))


def terms_published(terms: Terms) -> Item:
    """The versions of published terms, by their digests."""
    versions = tuple(
        TermsVersion(one.version, format_moment(one.effective), one.digest) for one in terms.versions
    )
    return act("terms", TermsPayload(terms.name, terms.digest, versions))
