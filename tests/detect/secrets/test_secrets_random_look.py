"""What was drawn at random is told from what was written."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.detect.secrets.names import class_of, is_service
from troth.detect.secrets.random_look import common_pairs, entropy, in_steps, looks_random

WRITTEN = [
    "authentication_middleware", "GetUserByIdentifier", "application/x-www-form-urlencoded", "created_at_desc", "v1.2.3-beta.4",
    "MAX_RETRY_COUNT", "us-east-1a", "2024-01-02T03:04:05Z", "user_profile_page_2", "1234567890123456", "aaaaaaaaaaaaaaaa",
    "abcdefghijklmnop", "qwertyuiopasdfgh", "org.apache.commons.lang3", "https://example.org/a/b", "donaudampfschifffahrt", "short1", "",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written_does_not_look_random(text: str) -> None:
    assert not looks_random(text)


@pytest.mark.parametrize(
    "alphabet",
    [string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_lowercase + string.digits],
)
def test_what_is_drawn_looks_random(alphabet: str) -> None:
    dice = random.Random(7)
    drawn = ["".join(dice.choices(alphabet, k=32)) for _ in range(500)]
    assert sum(map(looks_random, drawn)) >= 490


@given(st.text(max_size=600))
def test_measures_stay_in_their_bounds(text: str) -> None:
    assert 0 <= in_steps(text) <= 1
    assert 0 <= common_pairs(text) <= 1
    assert 0 <= entropy(text) <= 10
    assert looks_random(text) in (True, False)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("DB_PASSWORD", "password"), ("userPwd", "password"), ("MYSQLPASS", "password"), ("pw2", "password"), ("Passwort", "password"),
        ("contraseña", "password"), ("비밀번호", "password"), ("apiToken", "secret"), ("X-Octopus-ApiKey", "secret"), ("SecretAccessKey", "secret"),
        ("client_secret", "secret"), ("token_value", "secret"), ("encryption.key", "secret"), ("key", "key"), ("auth", "key"), ("service_api", "key"),
        ("password_id", None), ("token_type", None), ("publicKey", None), ("primary_key", None), ("csrf-token", None), ("bypass", None),
        ("compass", None), ("keyboard", None), ("key_length", None), ("passwordField", None), ("max_token_count", None), ("monkey_name", None),
        ("next_page_token", None), ("", None),
    ],
)  # fmt: skip
def test_names_say_what_their_values_are(name: str, says: str | None) -> None:
    assert class_of(name) == says


def test_names_of_services() -> None:
    assert is_service("MAILCHIMP_PROD")
    assert not is_service("mailchimp_url")
    assert not is_service("")
