"""The file ``membership.bin`` of a release: written, asked for proofs, and checked whole.

Specified by ``docs/formats/membership.md``. Whoever can write to the file can make it fail; a proof out of it is
checked against the root in the signed manifest, so that no change to the file passes for another answer.
"""

from troth.release.membership.checking import check_file
from troth.release.membership.proving import contains, prove
from troth.release.membership.writing import build

__all__ = ["build", "check_file", "contains", "prove"]
