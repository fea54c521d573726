"""The mixed-case check sum of Ethereum addresses (EIP-55), and the Keccak-256 that it is taken with.

Keccak-256 is SHA-3 before NIST changed its padding; the standard library has only the later one.
"""

from __future__ import annotations

_ROUNDS = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip
_TURNS = (
    (0, 36, 3, 41, 18),
    (1, 44, 10, 45, 2),
    (62, 6, 43, 15, 61),
    (28, 55, 25, 21, 56),
    (27, 20, 39, 8, 14),
)
_MASK = (1 << 64) - 1
_RATE = 136


def keccak256(data: bytes) -> bytes:
    """The Keccak-256 digest of less than 136 bytes.

    >>> keccak256(b"").hex()[:16]
    'c5d2460186f7233c'
    """
    if len(data) >= _RATE:
        raise ValueError("one block only")
    block = bytearray(data + b"\x01" + bytes(_RATE - 1 - len(data)))
    block[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for number in range(_RATE // 8):
        lanes[number % 5][number // 5] = int.from_bytes(block[8 * number : 8 * number + 8], "little")
    for constant in _ROUNDS:
        lanes = _round(lanes, constant)
    return b"".join(lanes[x][0].to_bytes(8, "little") for x in range(4))


def _round(a: list[list[int]], constant: int) -> list[list[int]]:
    sums = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
    mixed = [sums[x - 1] ^ _turn(sums[(x + 1) % 5], 1) for x in range(5)]
    b = [[0] * 5 for _ in range(5)]
    for x in range(5):
        for y in range(5):
            b[y][(2 * x + 3 * y) % 5] = _turn(a[x][y] ^ mixed[x], _TURNS[x][y])
    a = [[b[x][y] ^ (~b[(x + 1) % 5][y] & b[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
    a[0][0] ^= constant
    return a


def _turn(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK


def passes_eip55(address: str) -> bool:
    """Whether the capitals of ``0x`` and 40 hexadecimal digits are those of the check sum.

    >>> passes_eip55("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    True
    >>> passes_eip55("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD")
    False
    """
    digits = address[2:]
    check = keccak256(digits.lower().encode()).hex()
    return all(
        c == (c.upper() if int(h, 16) >= 8 else c.lower()) for c, h in zip(digits, check, strict=False)
    )
