"""Deciding, twice: ``point`` is the reference and the meaning; ``columns`` computes the same facts in SQL."""
