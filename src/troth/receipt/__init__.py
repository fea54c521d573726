"""Receipts: the text that a person holds, written, read, and its plain words."""
