"""A table of what the plain patterns find and what they leave alone."""

from __future__ import annotations

import pyarrow as pa
import pytest

from troth.detect.plain import RECOGNISERS, PatternFilter

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+/==\nAAAA\n-----END RSA PRIVATE KEY-----"
A36 = "abcdefghij0123456789ABCDEFGHIJ012345"

FOUND = [
    # e-mail
    ("write to ann@example.org.", "write to [EMAIL]."),
    ("<First.Last+tag@mail.example.co.uk>", "<[EMAIL]>"),
    ("mailto:a_b-c%d@ex-ample.io?subject=x", "mailto:[EMAIL]?subject=x"),
    ("müller@bücher.example", "[EMAIL]"),
    ("a@b.example.org,c@d.example.org", "[EMAIL],[EMAIL]"),
    # telephone
    ("call +49 30 1234567 today", "call [PHONE] today"),
    ("+1 (415) 555-2671", "[PHONE]"),
    ("(415) 555-2671 or 415-555-2671", "[PHONE] or [PHONE]"),
    ("415.555.2671", "[PHONE]"),
    ("1-800-555-0199.", "[PHONE]."),
    ("ring 020 7946 0958 now", "ring [PHONE] now"),
    ("06 12 34 56 78", "[PHONE]"),
    ("0171/1234567", "[PHONE]"),
    ("0049 30 1234567", "[PHONE]"),
    ("my phone is 4155552671", "my phone is [PHONE]"),
    ("call me at 555-0123", "call me at [PHONE]"),
    ("Tel.: 12 34 56 78", "Tel.: [PHONE]"),
    ("WhatsApp +5511987654321", "WhatsApp [PHONE]"),
    # payment cards
    ("4111 1111 1111 1111", "[CARD]"),
    ("4111111111111111 12/28 123", "[CARD] 12/28 123"),
    ("amex 3782-822463-10005", "amex [CARD]"),
    ("5555 5555 5555 4444 99", "[CARD] 99"),
    ("no 7 4111 1111 1111 1111", "no 7 [CARD]"),
    ("6011000990139424", "[CARD]"),
    ("card:2223003122003222,", "card:[CARD],"),
    ("jcb 180016070420458", "jcb [CARD]"),
    ("maestro 6759 8410 3431", "maestro [CARD]"),
    # IBAN
    ("DE89 3704 0044 0532 0130 00", "[IBAN]"),
    ("to GB82WEST12345698765432 please", "to [IBAN] please"),
    ("iban fr1420041010050500013m02606 ok", "iban [IBAN] ok"),
    ("NL91ABNA0417164300.", "[IBAN]."),
    ("DE89 3704 0044 0532 0130 00 and more", "[IBAN] and more"),
    # IP addresses
    ("from 192.168.1.17:8080", "from [IP_ADDRESS]:8080"),
    ("8.8.8.8 is up", "[IP_ADDRESS] is up"),
    ("at 2001:db8::ff00:42:8329.", "at [IP_ADDRESS]."),
    ("[fe80::1ff:fe23:4567:890a]", "[[IP_ADDRESS]]"),
    ("::ffff:203.0.113.7 came", "[IP_ADDRESS] came"),
    # API keys
    ("AKIAIOSFODNN7EXAMPLE", "[API_KEY]"),
    ("aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYAA", "aws_secret_access_key = [API_KEY]"),
    (f"ghp_{A36}", "[API_KEY]"),
    (f"github_pat_{A36}", "[API_KEY]"),
    ("glpat-abcdefghij0123456789", "[API_KEY]"),
    ("xoxb-123456789012-abcdefABCDEF", "[API_KEY]"),
    ("sk_live_0123456789abcdefABCDEF", "[API_KEY]"),
    ("AIza" + A36[:35], "[API_KEY]"),
    (f"OPENAI_API_KEY=sk-proj-{A36}", "OPENAI_API_KEY=[API_KEY]"),
    (f"'sk-ant-api03-{A36}'", "'[API_KEY]'"),
    ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "Bearer [API_KEY]"),
    # private keys
    (f"key:\n{PEM}\nthanks", "key:\n[PRIVATE_KEY]\nthanks"),
    (PEM.replace("\n", "\\n"), "[PRIVATE_KEY]"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n", "[PRIVATE_KEY]"),
    (f"{PEM} and {PEM.replace('RSA ', 'EC ')}", "[PRIVATE_KEY] and [PRIVATE_KEY]"),
]

LEFT_ALONE = [
    "no at sign here",
    "user@host",
    "@handle and a@",
    "1 @ 2.50 each",
    "order 4155552671",
    "order no. 2024-000123-77",
    "invoice 20240131-0042",
    "on 01-02-2024 and 2024-01-02",
    "01.02.2024 10:20",
    "2024/01/02 - 2024/02/03",
    "from 09:00 to 17:30",
    "version 10.2.3.4",
    "v1.2.3.4-rc1",
    "python 3.11.7, numpy 2.4.6",
    "1.2.3.4.5",
    "999.1.1.1",
    "127.0.0.1 and ::1 and 0.0.0.0",
    "$1,234,567.89 and 12 345 678 EUR",
    "1234567890123456",
    "4111 1111 1111 1112",
    "ISBN 978-3-16-148410-0",
    "0.123456789012345",
    "1700000000000",
    "DE89 3704 0044 0532 0130 01",
    "GB82 WEST",
    "Mobile, AL 36695-9444",
    "std::vector<int> and a::b::c",
    "12:30:45 and 00:1A:2B:3C:4D:5E",
    "sk-fading-circle-container-one",
    "task-force-one-two-three-four-five-six",
    "AKIA is a prefix",
    "eyJhbGciOiJIUzI1NiJ9",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "I was born in 1984 and have 3 cats",
    "chapter 12, pages 345-367",
    "UUID 123e4567-e89b-12d3-a456-426614174000",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "the 555-2671 people",
    "https://example.org/2024/01/02/page?id=12345678901",
]


def replaced(text: str) -> str:
    return str(PatternFilter().replace(pa.array([text])).texts[0])


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_found(text: str, expected: str) -> None:
    assert replaced(text) == expected


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    assert replaced(text) == text


def test_every_kind_is_in_the_table() -> None:
    assert all(any(one.tag in expected for _, expected in FOUND) for one in RECOGNISERS)
