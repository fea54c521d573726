"""What is proved to people: receipts and lineage."""
