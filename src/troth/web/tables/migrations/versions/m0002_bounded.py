"""Indexes for every list and every clearing-out, so that none reads the whole table; blocks of intake batches; progress."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INDEXES = (
    ("request_due", "request", ("due", "id")),
    ("request_state_due", "request", ("state", "due", "id")),
    ("request_whose_due", "request", ("whose", "due", "id")),
    ("delivery_list", "delivery", ("webhook", "made", "id")),
    ("delivery_state", "delivery", ("webhook", "state")),
    ("delivery_made", "delivery", ("made",)),
    ("idempotency_made", "idempotency", ("made",)),
    ("session_expires", "session", ("expires",)),
    ("session_who", "session", ("who",)),
    ("session_account", "session", ("account",)),
    ("sign_in_expires", "sign_in", ("expires",)),
    ("token_expires", "token", ("expires",)),
)
_REPLACED = (("request_state", "request"), ("request_whose", "request"), ("delivery_webhook", "delivery"))


def upgrade() -> None:
    """Add what is new, and drop the indexes that others begin with."""
    for name, table, columns in _INDEXES:
        op.create_index(name, table, list(columns))
    has_result = sa.text("result IS NOT NULL")
    op.create_index("job_result", "job", ["changed"], sqlite_where=has_result, postgresql_where=has_result)
    for name, table in _REPLACED:
        op.drop_index(name, table)
    op.add_column("job", sa.Column("progress", sa.Text))
    op.create_table(
        "intake_block",
        sa.Column("batch", sa.LargeBinary, primary_key=True),
        sa.Column("roots", sa.LargeBinary, nullable=False),
    )
