"""What anyone can check with public keys alone: hashes, notes, checkpoints, policies, entries and proofs."""
