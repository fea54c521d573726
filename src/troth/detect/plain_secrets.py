"""API keys and private keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.detect.recogniser import Recogniser, Span

_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_\-])(?:"
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{16}"  # AWS key ids
    r"|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}"  # GitHub
    r"|gl(?:pat|ptt|dt|rt|cbt|oas|soat)-[A-Za-z0-9_\-.]{20,255}"  # GitLab
    r"|xox[abeoprs]-[A-Za-z0-9\-]{10,255}|xapp-[A-Za-z0-9\-]{10,255}"  # Slack
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/]{24,255}"  # Stripe
    r"|AIza[A-Za-z0-9_\-]{35}|ya29\.[A-Za-z0-9_\-]{20,2048}|GOCSPX-[A-Za-z0-9_\-]{28}"  # Google
    r"|sk-(?=[A-Za-z_\-]{0,40}\d)[A-Za-z0-9_\-]{20,255}"  # OpenAI, Anthropic and others
    r"|hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_\-]{50,255}"
    r"|eyJ[A-Za-z0-9_\-]{8,8192}\.eyJ[A-Za-z0-9_\-]{8,8192}\.[A-Za-z0-9_\-]{4,8192}"  # JSON Web Tokens
    r")(?![A-Za-z0-9])",
    re.ASCII,
)
_AWS_SECRET = re.compile(
    r"aws.{0,12}(?:secret|sk).{0,16}?[\"'=:\s]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])", re.ASCII | re.IGNORECASE
)
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", re.ASCII)
_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", re.ASCII)
_BODY = re.compile(r"[A-Za-z0-9+/=\s\\]*", re.ASCII)


def _token_spans(text: str) -> Iterator[Span]:
    found = [m.span() for m in _TOKEN.finditer(text)]
    if "aws" in text.lower():
        found += [m.span(1) for m in _AWS_SECRET.finditer(text)]
    end = 0
    for start, stop in sorted(found):
        if start >= end:
            yield start, stop
            end = stop


def _private_key_spans(text: str) -> Iterator[Span]:
    """PEM private keys from the line BEGIN to the line END; without an END, as far as base64 goes."""
    place, ends = 0, True
    while begin := _BEGIN.search(text, place):
        closing = _END.search(text, begin.end()) if ends else None
        ends = closing is not None
        tail = closing or _BODY.match(text, begin.end())
        place = tail.end() if tail else begin.end()
        yield begin.start(), place


API_KEY = Recogniser(
    "api_key",
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{16}|gh[pousr]_|github_pat_|gl[a-z]{2,4}-"
    r"|xox[abeoprs]-|xapp-|[srp]k_(?:live|test)_|whsec_|AIza|ya29\.|GOCSPX-|sk-|hf_|npm_|pypi-|eyJ|(?i:aws)",
    _token_spans,
    (_TOKEN.pattern, _AWS_SECRET.pattern),
)
PRIVATE_KEY = Recogniser(
    "private_key", "PRIVATE KEY", _private_key_spans, (_BEGIN.pattern, _END.pattern, _BODY.pattern)
)
