"""The audit of a ledger by strangers. It shares no code with the ledger's writer but hashing and reading notes."""
