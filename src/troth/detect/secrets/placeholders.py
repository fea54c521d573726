"""What stands where a secret would stand, and is none: samples, templates, references, words of a language."""

from __future__ import annotations

import re
from typing import Final

from troth.detect.secrets.random_look import in_steps, looks_random

_TEMPLATE: Final = re.compile(
    r"\$\{|\{\{|\}\}|\$\(|#\{|<%|%>|%\(|\{%|\[\[|@@|%[sdrvqi](?![A-Za-z0-9])|\{[\w.:!]*\}"
    r"|^\$[A-Za-z_]|^\$\d$|^%[A-Za-z_]\w*%$|^\{.*\}$|^<.*>$|^\[.*\]$|^__\w+__$|^@[A-Za-z_]\w+@?$|^&[a-z]+;"
    r"|\\\(|^!\w+ |\.\.\.|…|^:\w+$"
)
_SAMPLE: Final = re.compile(
    r"example|sample|placeholder|dummy|changeme|change[_\-]?(?:me|it|this)|your[_\-. ]?\w|xxxx|\*\*\*"
    r"|redacted|replace[_\-]?(?:me|with|this)"
    r"|insert[_\-]|enter[_\-]|goes[_\-]?here|(?:token|key|secret|password|value)[_\-]?here|put[_\-]|todo"
    r"|fixme|removed|filtered|masked"
    r"|hidden|obfuscated|censored|foobar|(?<![a-z])(?:my|some|the|any|new|old|bad|wrong|invalid|fake|mock"
    r"|test|good|valid)[_\-]?(?:password|passwd|secret|token|api[_\-]?key|key|pass)(?![a-z0-9])"
    r"|^(?:test|fake|mock|dummy)[_\-]",
    re.IGNORECASE,
)
_TOKEN_SAMPLE: Final = re.compile(
    r"example|sample|placeholder|dummy|change[_\-]?me|redacted|xxxx|\*\*\*|fake|your[_\-]|my[_\-](?:api"
    r"|token|key|secret|bot)"
    r"|token[_\-]?here|key[_\-]?here|0{10}|123456|654321|abcdefg",
    re.IGNORECASE,
)
_WORDS_TEXT: Final = (
    "none null nil true false undefined nan empty unknown default optional required yes no on off void any str"
    " string bytes int integer number float bool boolean object array list dict map text char varchar uuid type"
    " password passwd pass pwd passphrase secret secrets token tokens key keys apikey api_key value values user"
    " username login admin root guest test testing tests foo bar baz qux spam eggs abc xyz name email id data"
    " hidden masked sensitive private public self this cls env input prompt file path url uri host auth basic"
    " bearer digest oauth oauth2 jwt ntlm negotiate kerberos plain plaintext sha1 sha256 sha512 md5 hmac rsa aes"
    " bcrypt scrypt argon2 pbkdf2 ssl tls x509 cert certificate manual auto automatic always never enabled"
    " disabled missing invalid incorrect wrong correct expired valid failed failure success error ok done"
    " session cookie header query body form field parameter param argument option setting settings config"
    " configuration credential credentials identifier literal keyword comment punctuation operator variable"
    " function class method module package import return static final const let var def new delete get set"
    " put post add remove update create read write open close start stop end begin the a an and or not is are was"
    " of to in for with from by at it its that which if else then than as your my our their his her you we they"
    " please enter type choose select confirm forgot reset change same here there see note example sample http"
    " https localhost master main postgres mysql tiger passwort kennwort"
    " define undef defined utf8 utf-8 utf-16 utf-32 latin1 latin-1 ascii us-ascii iso-8859-1 cp1252 windows-1252 base64"
)
_WORDS: Final = frozenset(_WORDS_TEXT.split())
_HOST: Final = re.compile(
    r"(?:[a-z][a-z0-9\-]*\.){1,6}(?:com|org|net|io|dev|local|internal|gov|edu|co|de|uk|eu|app"
    r"|ai)(?::\d+)?(?:/.*)?",
    re.I,
)
_FILE: Final = re.compile(
    r".*\.(?:pem|key|crt|cer|p12|pfx|jks|keystore|json|ya?ml|xml|txt|ini|cfg|conf|env|pub|log|csv|py|js|ts"
    r"|go|java|rb|php|sh"
    r"|html?|md|png|jpe?g|svg|gif|css|properties|gpg|asc|der|toml|lock|exe|dll|so|class|h|c|cpp|rs|kt|vue"
    r"|tsx|jsx)",
    re.I,
)
_PATH: Final = re.compile(
    r"(?:~|\.{1,2})?/[\w.@\-]+(?:/[\w.@\-{}*]+)+/?|[A-Za-z]:\\.*|\\\\.*|(?:https?|ftp|file|s3|gs|ssh|git"
    r"|arn|urn|tel|mailto):.*"
)
_EMAIL: Final = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_PLAIN_NUMBER: Final = re.compile(
    r"-?\d+(?:[.,]\d+)?(?:[smhdkKMG]|ms|[KMG]B)?|0x[0-9A-Fa-f]+|\d{1,4}([-/.:])\d{1,2}\1\d{1,4}.*"
    r"|[v^~<>=]{0,3}\d+(?:\.\d+)+\S*"
)


def is_sample(token: str) -> bool:
    """Whether a token of a known form is a sample: it says so, or goes through a row of the keyboard."""
    return bool(_TOKEN_SAMPLE.search(token))


def is_placeholder(value: str) -> bool:
    """Whether a value is plainly none: a template, a sample, a word of a programming language, a row of the keyboard."""
    if not value or _TEMPLATE.search(value) or _SAMPLE.search(value):
        return True
    bare = value.strip("\"'`*_-<>[](){}.:;,!?= ").lower()
    return bare in _WORDS or len(set(bare)) < 4 or in_steps(value) > 0.7


def is_reference(value: str) -> bool:
    """Whether a value names something else: a path, a file, an address, a number, an e-mail address."""
    if _PATH.fullmatch(value):
        return not looks_random(value.replace("/", "")) or ":" in value[:12]
    return any(form.fullmatch(value) for form in (_FILE, _HOST, _EMAIL, _PLAIN_NUMBER))
