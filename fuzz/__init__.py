"""Fuzzes what looks for sensitive data and replaces it: ``README.md`` says how to run it."""
