"""Sensitive data that has a form: anchors in one pass over many texts, then an exact answer for each."""
