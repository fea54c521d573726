"""What goes wrong, as one line on stderr and an exit code: 1 for a finding, 2 for what cannot be run."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

import click

from troth.errors import TrothError, VerificationError

FINDING = 1
CANNOT_RUN = 2
INTERRUPTED = 130
NOBODY_READS = 141
"""Whoever read the output has gone, as ``head`` does."""


class NobodyReadsError(Exception):
    """The output goes to a pipe that nobody reads any more.

    It is no ``OSError``, for click takes a closed pipe for a finding.
    """


def run(call: Callable[[], object]) -> int:
    """Call, and give the exit code. What is nobody's mistake (a bug) is raised, with its traceback."""
    try:
        code = call()
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except VerificationError as problem:
        return _say(str(problem), FINDING)
    except TrothError as problem:
        return _say(str(problem), CANNOT_RUN)
    except click.ClickException as problem:
        return _say(_usage(problem), CANNOT_RUN)
    except (OSError, NobodyReadsError) as problem:
        return _of_system(problem)
    return code if isinstance(code, int) else 0


def _say(what: str, code: int) -> int:
    """One line: whatever a file or a system put into the words."""
    click.echo(f"troth: {' '.join(what.split())}", err=True)
    return code


def _usage(problem: click.ClickException) -> str:
    context = getattr(problem, "ctx", None)
    told = problem.format_message().rstrip(".")
    return f"{told} — see `{context.command_path} --help`" if context else told


def _of_system(problem: OSError | NobodyReadsError) -> int:
    if isinstance(problem, NobodyReadsError) or problem.errno == errno.EPIPE:
        # What is still to be flushed must not raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    where = f"{problem.filename}: " if problem.filename else ""
    remedy = _REMEDIES.get(problem.errno or 0, "mend that, and run it again")
    return _say(f"{where}{problem.strerror or problem} — {remedy}", CANNOT_RUN)


_REMEDIES = {
    errno.ENOSPC: "make room on the disk, and run it again",
    errno.EDQUOT: "make room on the disk, and run it again",
    errno.EACCES: "mend the permissions, or choose another place",
    errno.EPERM: "mend the permissions, or choose another place",
    errno.EROFS: "choose a place that can be written to",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.EISDIR: "name a file, not a folder",
    errno.EMFILE: "raise the limit of open files",
}
