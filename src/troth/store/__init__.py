"""The store of a workspace: events, acts, salts and commitments, durable, in SQLite or PostgreSQL."""
