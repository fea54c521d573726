"""Numbers drawn with a key: the same key and the same thing give the same number, and without the key none follows."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws with the key of one conversation. When the key is gone, nothing that was drawn leads back."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a key of another size."""
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"the key of a conversation has {KEY_BYTES} bytes, not {len(self.key)}")

    def data(self, label: str, value: str) -> bytes:
        """32 bytes: HMAC-SHA256(key, ``troth:replace:1`` || 0x00 || label || 0x00 || value in UTF-8)."""
        told = f"troth:replace:1\0{label}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, told, "sha256")

    def number(self, label: str, value: str, below: int) -> int:
        """A whole number from 0, less than ``below``."""
        return int.from_bytes(self.data(label, value)[:8]) % below

    def digits(self, label: str, value: str, count: int) -> str:
        """As many decimal digits."""
        found = ""
        while len(found) < count:
            found += str(int.from_bytes(self.data(label, f"{value}\0{len(found)}"))).zfill(77)
        return found[:count]
