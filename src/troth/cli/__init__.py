"""The ``troth`` command: one file for each command, and each command calls one operation."""
