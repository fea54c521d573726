"""Checking terms before they are published: every problem, with its file, line and remedy.

`check` reads the files; each other file of this folder looks for one sort of problem in what was read.
"""

from troth.terms.check.check import check

__all__ = ["check"]
