"""No text makes the search fail or slow, and both engines say the same."""

from __future__ import annotations

import pickle
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.detect.patterns.engine import Hyperscan, Re2
from troth.detect.patterns.scan import Scanner
from troth.detect.secrets import SECRETS
from troth.detect.text.view import view_of

SCANNER = Scanner(SECRETS)
ANCHORS = tuple(dict.fromkeys(anchor for recogniser in SECRETS for anchor in recogniser.anchors))
WORDS = [
    "password", "Passwort", "secret", "api_key", "token", "пароль", "密码", "bearer ", "Basic ", "--password ", "curl -u ", "mysql -p",
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxIn0.", "ghp_", "AKIA", "sk-",
    "A1b2C3d4E5f6G7h8", "://", "user:", "@host", "name: ", "value: ", "login ", "PIN ", "is ", "cGFzc3dvcmQ9", "<password>", "</password>",
    "%3D", "&quot;", "xoxb-", "Private-Lines: 2\n", '"kty":', '"d":"',
]  # fmt: skip
PIECES = st.sampled_from(
    [*WORDS, *"=:\"'`\\ \n\t,;()[]{}<>|&$%!?*+-_./09azAZé日\0\ud800\u200b\u202e\u0301４а"]
)
HOSTILE = st.one_of(st.lists(PIECES, max_size=16).map("".join), st.text(max_size=40))
NASTY = [
    "password=", 'password: "', 'password="\\', "token=aaaaaaaa", "key: a1b2c3d4", "password:a;", "<password>a", "--password a ",
    "curl -u a:bbbb ", "mysql -pa ", "Bearer aaaaaaaa1", "://a:b@c", "://aaaaaaaaaaaaaaaaaaaa@b", "eyJaaaaaaaaaaaa.", "eyJaaaaaaaaaaaa\n",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----AAAAAAAAAAAAAAAAAAAAAAAA\n", "\nPrivate-Lines: 1\n", "AKIAAAAAAAAAAAAA",
    "sk-proj-aaaaaaaa\n", "AAAAAAAAAA", "my password is a ", "the password a is is is ", "PIN 123 ", "cGFzc3dvcmQ", "IFBSSVZBVEUgS0VZLS",
    "name: password\nvalue: ", '"d":"aaaaaaaaaaaaaaaa', "stripe=aaaaaaaa", "password%3da", "пароль=a", "a", "\\", '"', "\n", "0000",
    "user:a\npass:b\n", "password=A1b2C3d4", "Authorization: ", "%3A%2F%2Fa%3Ab%40c", "Z2hwX3g3UW1acjJMcFc5dlRiNEtz", "c2stYW50",
    "cG9zdGdyZXM6Ly9h", "password='a1b2c3d4'\\\n", 'api_key="x7QmZr2L"\n"b"\n', "ghp_x7QmZr2LpW9vTb4K\n", "ID/PW:a/b", "password=a&b&",
]  # fmt: skip


@pytest.mark.parametrize("unit", NASTY)
def test_time_is_linear(unit: str) -> None:
    """Eight times the text takes far less than the 64 times that a quadratic expression would."""

    def seconds(length: int) -> float:
        view = view_of((unit * (length // len(unit) + 1))[:length])
        best = float("inf")
        for _ in range(2):
            before = time.process_time()
            SCANNER.find([view])
            best = min(best, time.process_time() - before)
        return best

    assert seconds(24_000) < 24 * max(seconds(3_000), 0.006)


@given(st.lists(HOSTILE, max_size=5))
@settings(max_examples=150, deadline=None)
def test_each_text_has_its_own_answer(texts: list[str]) -> None:
    """Nothing raises, findings lie in their text, and those of one text do not depend on the others."""
    together = SCANNER.find([view_of(text) for text in texts])
    assert together == [SCANNER.find([view_of(text)])[0] for text in texts]
    for text, findings in zip(texts, together, strict=True):
        assert all(0 <= f.start < f.end <= len(text) and 0 < f.confidence < 1 for f in findings)


@given(HOSTILE, st.integers(0, 60), st.sampled_from(SECRETS))
@settings(max_examples=300, deadline=None)
def test_no_place_makes_a_confirmation_raise(text: str, place: int, recogniser: object) -> None:
    view = view_of(text)
    for confirmed in SECRETS if recogniser is SECRETS[0] else [recogniser]:
        assert list(confirmed.confirm(view, min(place, len(view.folded)))) is not None  # type: ignore[attr-defined]


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=60, deadline=None)
def test_both_engines_say_the_same(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert ENGINES[0].hits(data).tolist() == ENGINES[1].hits(data).tolist()


ENGINES = (Hyperscan(ANCHORS), Re2(ANCHORS))


def test_the_recognisers_can_be_sent_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(SCANNER))  # noqa: S301 - our own bytes
    view = view_of('password = "hunter2"')
    assert sent.find([view]) == SCANNER.find([view]) != [[]]
