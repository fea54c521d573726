"""Intake: the logs people already have, read as records. One reader a format; nothing dropped in silence."""
