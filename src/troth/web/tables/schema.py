"""The tables as SQL, for SQLite and PostgreSQL alike. Moments are microseconds (UTC).

Whoever can read them learns who used the service when; keys, sessions and tokens stand in them as hashes, secrets sealed
under ``keys/service.key``. Whoever can write them can let themselves in: they are as precious as the store.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, text

SCHEMA = "troth_service"
"""The schema in PostgreSQL. In SQLite the tables have a file of their own."""

metadata = MetaData()
_HAS_RESULT = text("result IS NOT NULL")

keys = Table(
    "api_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("role", String(16), nullable=False),
    Column("organisation", Text),
    Column("scopes", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("token_secret", LargeBinary),
    Column("public_key", Text),
    Column("made", BigInteger, nullable=False),
    Column("revoked", BigInteger),
)

sessions = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("who", Text, nullable=False),
    Column("account", Text),
    Column("csrf", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("session_expires", "expires"),
    Index("session_who", "who"),
    Index("session_account", "account"),
)

sign_ins = Table(
    "sign_in",
    metadata,
    Column("state", LargeBinary, primary_key=True),
    Column("browser", LargeBinary, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("sign_in_expires", "expires"),
)

tokens = Table(
    "token",
    metadata,
    Column("issuer", String(16), primary_key=True),
    Column("jti", LargeBinary, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("entered", Integer, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("token_expires", "expires"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("who", String(128), primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("answer", LargeBinary),
    Column("made", BigInteger, nullable=False),
    Index("idempotency_made", "made"),
)

jobs = Table(
    "job",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("who", String(128), nullable=False),
    Column("whose", LargeBinary),
    Column("input", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("result", LargeBinary),
    Column("progress", Text),
    Column("attempts", Integer, nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("holder", String(64)),
    Column("made", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index("job_state", "state", "lease"),
    Index("job_result", "changed", sqlite_where=_HAS_RESULT, postgresql_where=_HAS_RESULT),
)

requests = Table(
    "request",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("account", LargeBinary),
    Column("whose", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Column("job", String(32)),
    Index("request_due", "due", "id"),
    Index("request_state_due", "state", "due", "id"),
    Index("request_whose_due", "whose", "due", "id"),
)

webhooks = Table(
    "webhook",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("events", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("ended", BigInteger),
)

progress = Table(
    "progress",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("place", BigInteger, nullable=False),
)

deliveries = Table(
    "delivery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("webhook", String(32), nullable=False),
    Column("event", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next", BigInteger, nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("answer", Integer),
    Column("made", BigInteger, nullable=False),
    Index("delivery_next", "state", "next"),
    Index("delivery_list", "webhook", "made", "id"),
    Index("delivery_state", "webhook", "state"),
    Index("delivery_made", "made"),
    Index("delivery_once", "webhook", "event", unique=True),
)

intake_blocks = Table(
    "intake_block",
    metadata,
    Column("batch", LargeBinary, primary_key=True),
    Column("roots", LargeBinary, nullable=False),
)
