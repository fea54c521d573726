"""A workspace: one folder with a store, a ledger and releases, and the verbs that need them together."""
