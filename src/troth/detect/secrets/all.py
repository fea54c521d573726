"""Every recogniser of secrets."""

from __future__ import annotations

from typing import Final

from troth.detect.patterns.recogniser import Recogniser
from troth.detect.secrets.assigned import KEY, PASSWORD, SERVICE
from troth.detect.secrets.encoded import ENCODED, ENCODED_KEY
from troth.detect.secrets.headers import HEADER
from troth.detect.secrets.jwt import JWT
from troth.detect.secrets.options import OPTION, SHORT, USER
from troth.detect.secrets.pairs import JWK, PAIR, SPACED
from troth.detect.secrets.pem import PRIVATE_KEY, PUTTY
from troth.detect.secrets.spoken import PIN, SAID
from troth.detect.secrets.tokens import TOKENS
from troth.detect.secrets.urls import ENCODED_URL, URL

SECRETS: Final[tuple[Recogniser, ...]] = (
    *TOKENS,
    JWT,
    PRIVATE_KEY,
    PUTTY,
    PASSWORD,
    KEY,
    SERVICE,
    PAIR,
    SPACED,
    JWK,
    OPTION,
    USER,
    SHORT,
    HEADER,
    URL,
    ENCODED_URL,
    SAID,
    PIN,
    ENCODED,
    ENCODED_KEY,
)
"""To be asked by one `Scanner` together with the patterns."""
