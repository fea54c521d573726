"""The ledger's writer: storage, tiles, the log and its signers; the witness, and asking witnesses."""
