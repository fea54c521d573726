"""What a keyring gives is what a dictionary says, whatever is done to it in whatever order.

Ten thousand sequences take minutes: ``python tests/vault/keys_sequences.py 10000``.
"""

from __future__ import annotations

from keys_sequences import run


def test_random_sequences_agree_with_a_dictionary() -> None:
    run(250)
