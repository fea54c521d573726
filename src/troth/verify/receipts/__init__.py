"""Receipts, checked offline and alone: step by step, with nothing but the file and the keys that a reader trusts."""
