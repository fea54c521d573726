"""Addresses of crypto wallets, by their check sums; without one, where a word says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.around import said_before, words
from troth.detect.patterns.checks import passes_base58check, passes_bech32
from troth.detect.patterns.forms import found
from troth.detect.patterns.keccak import passes_eip55
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_WALLET = re.compile(
    rf"(?<![\w+/=])(?:(?P<base58>[13LMDTA9]{_BASE58}{{25,34}})|(?P<bech32>(?i:bc1|tb1|ltc1|addr1|stake1)[0-9A-Za-z]{{11,110}})"
    rf"|(?P<hex>0x[0-9A-Fa-f]{{40}})|(?P<monero>[48][0-9AB]{_BASE58}{{93}}))(?![\w+/=])"
)
_SAID = words(
    "wallets?", "eth(?:ereum)?", "ether", "send", "sent", "address", "addr", "crypto", "btc",
    "bitcoin", "usdt", "usdc", "erc-?20",
    "donat(?:e|ions?)", "metamask", "receiver?", "recipient", "0x",
)  # fmt: skip


def _confirm(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _WALLET.finditer(text, max(0, place - 128), place + 112):
        if match.start() >= place:
            return
        why = _why(match, text) if match.end() >= place else ""
        if why:
            yield found(match.start(), match.end(), why)


def _why(match: re.Match[str], text: str) -> str:
    written = match.group()
    if match.lastgroup == "base58":
        return "wallet/base58check" if passes_base58check(written) else ""
    if match.lastgroup == "bech32":
        return "wallet/bech32" if passes_bech32(written) else ""
    if match.lastgroup == "monero":
        return "wallet/context"
    if len(set(written[2:].lower())) < 6:
        return ""
    letters = [c for c in written[2:] if c.isalpha()]
    if any(c.isupper() for c in letters) and any(c.islower() for c in letters):
        return "wallet/eth-checksum" if passes_eip55(written) else ""
    return "wallet/eth-context" if said_before(_SAID, text, match.start(), 48) else ""


WALLET = Recogniser(
    "wallet",
    ("CRYPTO_WALLET",),
    (
        rf"\b[13LMDTA9]{_BASE58}{{25,34}}\b",
        r"(?i)\b(?:bc1|tb1|ltc1|addr1|stake1)[0-9a-z]{11}",
        r"\b0x[0-9A-Fa-f]{40}\b",
        rf"\b[48][0-9AB]{_BASE58}{{93}}\b",
    ),
    _confirm,
)
