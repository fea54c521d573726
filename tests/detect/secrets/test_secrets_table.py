"""A table of what is found as a secret, whole, and what is left alone."""

from __future__ import annotations

import base64

import pytest

from troth.detect.patterns.scan import Scanner
from troth.detect.secrets import SECRETS
from troth.detect.text.view import view_of

SCANNER = Scanner(SECRETS)
HEX = "4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"
LONG = "x7QmZr2LpW9vTb4KsYd8NcFg3HjXaUe6RtViOqBn"
GITHUB = f"ghp_{LONG[:36]}"
HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
BODY = base64.urlsafe_b64encode(b'{"sub":"17","name":"x"}').decode().rstrip("=")
JWT = f"{HEADER}.{BODY}.{LONG}"
LINES = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT"
PEM = f"-----BEGIN PRIVATE KEY-----\n{LINES}\n-----END PRIVATE KEY-----"

# What stands between « and » is the secret.
FOUND = [
    # assigned
    "DB_PASSWORD=«tr0ub4dor&3»",
    "https://example.org/in?user=x&password=«Hunter2x»&next=1",
    "export PGPASSWORD=«Hunter2x»&&psql",
    'password = "«correct-horse-battery-staple»"',
    'easy_setopt(curl, CURLOPT_PASSWORD, "«KiASRCRiGFLPDiIdZZLBXaNzXCMEdYIs»");',
    "ID/PW: ann/«Hunter2x»",
    "username/password: ann.lee:«Hunter2x»",
    'password = "«hunter2»"',
    "Password: «Sommer2024!»",
    f"export API_KEY={'«' + HEX + '»'}",
    "spring.datasource.password=«S3cr3tPa55»",
    "{'PASSWORD': '«dj4ng0pw!»', 'HOST': ''}",
    "define('DB_PASSWORD', '«wp_p4ss_92k»');",
    ':password => "«r4ilsPw99»"',
    "c.DatabasePassword := `«k8sR0cks!»`",
    f'const SECRET: string = "«{LONG[:20]}»"',
    'val password: String = "«exord13Paw64»"',
    'char *passwd[] = "«L33tH4x0r»";',
    'if password == "«q4c1a2oPd»":',
    'PASSWORD = os.environ.get("PASSWORD") or "«at5G6zi!m»"',
    'setPassword("«Zx9kLm2q!»")',
    'easy_setopt(curl, CURLOPT_PASSWORD, "«KiASRCRiGFLPDiId9»");',
    f'client = Client(api_key="«{HEX}»")',
    f'os.environ["SERVICE_TOKEN"] = b"«{LONG}»"',
    f'{{\\"secret\\": \\"«{LONG}»\\"}}',
    f"https://example.org/hook?token=«{LONG}»&page=2",
    f'"x-api-key": "«{HEX}»"',
    f"mailchimp = '«{HEX}q9»'",
    "<password>«Zx9!kLm2»</password>",
    '<add key="Password" value="«qW3rTy77»" />',
    '- name: DB_PASSWORD\n  value: "«gh7TTd9ka»"',
    f'{{"name": "API_TOKEN", "value": "«{LONG}»"}}',
    "password&quot;:&quot;«Zx9kLm2q»&quot;",
    "user=x&password%3D«Hunter2x»%26b=1",
    "Server=tcp:x;User ID=sa;Password=«Qw3rty!99»;Encrypt=True",
    "Username: bob\nPassword: «letmein»\n",
    "contraseña: «M1Gat0Negro»",
    "密码：«Abc9x8k2»",
    "пароль: «Kot1234ik»",
    # commands
    "gpg --decrypt --passphrase «N1DdkUD3E73» --output x",
    "mysql -u root -p«MyR00tPw» db",
    "mysql -p«MyR00tPw» db",
    "docker login -p «My0wnP4ss» registry.example.org",
    "sshpass -p '«S5hP4ss!»' ssh host",
    "docker login -u me -p «My0wnP4ss» registry.example.org",
    'curl -u "elastic:«P@ssw0rd$1»" https://localhost:9200',
    'curl -u ":«d2LkV78zLx!t»" https://localhost:9200',
    '#define PASSWORD "«n84ASM54y4»"',
    "CREATE USER bob IDENTIFIED BY '«Tr1cky9x»';",
    "machine example.org login me password «a8d7f6s8d7f»",
    # headers and addresses
    f'curl -H "Authorization: Bearer «{HEX}»"',
    f"Authorization: Basic «{base64.b64encode(b'ann:Tr1cky9x').decode()}»",
    f"Authorization: Token «{HEX}»",
    "postgres://app:«S3cure9x»@db.internal:5432/prod",
    "redis://:«mYr3d1sPw»@localhost:6379/0",
    "https://cafebabe:«deadbeef»@gems.example.org/",
    # said
    "the wifi password is «swordfish99», do not tell",
    'the password is "«bluebanana»"',
    "my PIN is «4821».",
    # forms
    f"use «{GITHUB}» please",
    f"it was ghp_x, now «{GITHUB}».",
    "AWS «AKIAQ7XKJH2MNBVC5TRE»",
    f"«{JWT}»",
    f"key:\n«{PEM}»\nthanks",
    f'{{"private_key": "«{PEM.replace(chr(10), chr(92) + "n")}»\\n"}}',
    f"# #6 0.245 «-----BEGIN PRIVATE KEY-----\n#6 0.245 {LINES.replace(chr(10), chr(10) + '#6 0.245 ')}\n#6 0.245 -----END PRIVATE KEY-----»",
    f"«-----BEGIN OPENSSH PRIVATE KEY-----\n{LINES}»",
    f'{{"key": "«-----BEGIN PRIVATE KEY-----\\n{LINES[:64]}»", "integrity": "{LINES[:64]}"}}',
    f'{{"kty":"oct","k":"«{LONG}»"}}',
    # encoded
    f"echo «{base64.b64encode(b'password=Hunter2x9').decode()}» | base64 -d",
    # broken over lines, hidden
    f"«{GITHUB[:20]}\n{GITHUB[20:]}» and more",
    f'"«{GITHUB[:20]}"\n    + "{GITHUB[20:]}»"',
    f"«{GITHUB[:9]}\u200b{GITHUB[9:]}»",
    f"\x1b[32m«{GITHUB}»\x1b[0m",
    f"first line\\n«{GITHUB}»\\nthird",
    f"«{GITHUB.translate({ord(c): chr(ord(c) + 0xFEE0) for c in '0123456789'})}»",
]

LEFT_ALONE = [
    "password = get_password()",
    "password: str",
    'token = request.headers.get("token")',
    '"password": "Enter your password"',
    "login(user=user, password=password)",
    "PASSWORD=${DB_PASSWORD}",
    "api_key: {{ api_key }}",
    'token = "YOUR_TOKEN_HERE"',
    'token_type = "Bearer"',
    'public_key = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"',
    '"integrity": "sha512-9k2c4vlqG5D8wYJkZ7gL1sQkX0aD3z0Ew=="',
    f'sort_key = "{LONG}"',
    f'csrf_token = "{LONG}"',
    f'"next_page_token": "{LONG}"',
    'primary_key = "user_account_id_1"',
    "the secret to happiness is love",
    "your password is incorrect",
    "Password must be at least 8 characters",
    "pass the salt, please: 12 grams",
    'secret = os.getenv("SECRET")',
    '"key": "ArrowDown"',
    '"minipass": "^7.1.3",',
    'bypass = "cackle!"; passes = "cackle!"',
    'hashed = scramble(password.encode("utf-8"))',
    'password = password.encode("latin1")',
    'MovedAttribute("HTTPPasswordMgr", "urllib2")',
    "evp_pkey = _lib.d2i_PUBKEY_bio(bio)",
    "i_pwd='define'",
    'docker run -v "$PWD":/tmp/x9',
    "gpg --recv-keys DD792F5973C6DE52C432CBDAC77ABFA00DDBF2B7",
    "curl -O x; du -a gs://bucket99; p {text-align:right}",
    "max_tokens: 4096",
    "password: ********",
    "password_hash = hashlib.sha256(password)",
    "cwd=$(pwd)",
    '<input type="password" name="password" placeholder="Password">',
    "key=lambda x: x.name",
    "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyDatabaseSecret-a1b2c3",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7VJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT ann@host",
    f"-----BEGIN CERTIFICATE-----\n{LINES}\n-----END CERTIFICATE-----",
    f"-----BEGIN PUBLIC KEY-----\n{LINES}\n-----END PUBLIC KEY-----",
    'header = "-----BEGIN PRIVATE KEY-----"\nfooter = "-----END PRIVATE KEY-----"',
    "postgres://user:password@localhost/db",
    "https://example.com:8080/@scope/pkg",
    f"commit {HEX}9f8e7d6c",
    "authorization: Bearer ${token}",
    "-p 8080:80",
    "--password <password>",
    'curl -u "$USER:$PASS" https://example.org',
    "curl -u username:token https://example.org",
    'cache_key = "user:1234:profile:v2"',
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "UUID 123e4567-e89b-12d3-a456-426614174000",
    f"{HEADER}.NiIsInR5cCI6IkpXV.NiIsInR5cCI6IkpXV",
    "sk-fading-circle-container-one-two-three",
    "export OP_TOKEN=ops_eyJzaWduSW5BZGRyZXNzIjoiaHR0cHM6...",
    "https://registry.npmjs.org/js-tokens/-/js-tokens-4.0.0.tgz#19203fb59991df98e3a287050d4647cdeaf32499",
]


def marked(text: str) -> str:
    """The text with « and » around what is found; where findings overlap, around all they cover."""
    covered: list[list[int]] = []
    for finding in SCANNER.find([view_of(text)])[0]:
        assert finding.kind == "SECRET"
        if covered and finding.start < covered[-1][1]:
            covered[-1][1] = max(covered[-1][1], finding.end)
        else:
            covered.append([finding.start, finding.end])
    for start, end in reversed(covered):
        text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
    return text


@pytest.mark.parametrize("expected", FOUND)
def test_found(expected: str) -> None:
    assert marked(expected.replace("«", "").replace("»", "")) == expected


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    assert marked(text) == text


@pytest.mark.parametrize(
    "word",
    [
        "password",
        "Passwort",
        "Kennwort",
        "wachtwoord",
        "senha",
        "contraseña",
        "clave",
        "hasło",
        "parola",
        "heslo",
        "lösenord",
        "adgangskode",
        "salasana",
        "şifre",
        "пароль",
        "密码",
        "口令",
        "パスワード",
        "비밀번호",
        "비번",
    ],
)
def test_passwords_of_many_languages(word: str) -> None:
    assert marked(f"{word}: Zx9kLm2q") == f"{word}: «Zx9kLm2q»"


@pytest.mark.parametrize(
    "told",
    [
        "the password is",
        "das Passwort lautet",
        "la contraseña es",
        "le mot de passe est",
        "a senha é",
        "het wachtwoord is",
        "la password è",
        "hasło to",
    ],
)
def test_passwords_that_are_said(told: str) -> None:
    assert marked(f"{told} Zx9kLm2q, bye") == f"{told} «Zx9kLm2q», bye"


def test_a_secret_next_to_another() -> None:
    assert marked(f"{GITHUB},AKIAQ7XKJH2MNBVC5TRE") == f"«{GITHUB}»,«AKIAQ7XKJH2MNBVC5TRE»"
    assert marked(f"a={PEM}\nb={PEM}") == f"a=«{PEM}»\nb=«{PEM}»"


def test_a_secret_in_another_is_covered() -> None:
    assert marked(f'password = "{GITHUB}"') == f'password = "«{GITHUB}»"'
    assert marked(f"https://ann:{GITHUB}@example.org/") == f"https://ann:«{GITHUB}»@example.org/"
