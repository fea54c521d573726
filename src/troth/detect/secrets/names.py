"""What the name of a variable, field or option says of its value: a password, another secret, or nothing."""

from __future__ import annotations

import functools
import re
from typing import Final, Literal

Class = Literal["password", "secret", "key"]
"""A password may be any string; a secret is a credential that a machine made; a key may be something else as well."""

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", re.ASCII)
_ANY_WORD: Final = re.compile(r"[^\W\d_]+|\d+")


def _words(text: str) -> list[str]:
    return text.split()


_PASSWORDS: Final = re.compile(
    r"pa{1,2}s{0,2}w(?:o?r?o?s?d|or[td]|ort)|p(?:a?s{1,2}|s)w(?:o?r?d|or|d)?|passwo?r?s?d|passowrd|passwrod"
    r"|pass(?:phrase|code|in|out|e)?|pwd?|passwort|kennwort|wachtwoord|senha|contrase(?:ñ|n|nh)a|clave"
    r"|motdepasse|mdp"
    r"|has[lł]o|parola|heslo|l[oö]senord|adgangskode|salasana|[sş]ifre|пароль|密码|密碼|口令|パスワード|비밀번호|비번|암호|psk"
)
_CHOSEN_ENDS: Final = "password passwd pwd passphrase pass psw pswd"
_MADE_ENDS: Final = (
    "secret token apikey secretkey accesskey privatekey authkey credential bearer encryptionkey signingkey masterkey"
    " accountkey sharedaccesskey authorization activationkey licensekey deploykey sshkey appkey clientkey webhookkey"
    " cred creds authcode oauth"
)
_ENDS: Final[dict[str, Class]] = {
    **dict.fromkeys(_CHOSEN_ENDS.split(), "password"),
    **dict.fromkeys(_MADE_ENDS.split(), "secret"),
    **dict.fromkeys(("authentication", "auth", "key", "api"), "key"),
}
"""What a word may end in, or it and the word before it may be."""
_SIZES: Final = sorted({len(end) for end in _ENDS}, reverse=True)
_NOTHING: Final = frozenset(
    {
        "bypass",
        "compass",
        "surpass",
        "trespass",
        "encompass",
        "overpass",
        "underpass",
        "onepass",
        "bandpass",
        "lowpass",
        "highpass",
        "allpass",
        "multipass",
        "passes",
        "pubkey",
        "publickey",
    }
)

_AFTER: Final = frozenset(
    _words(
        "value val values string str text txt plain plaintext raw clear b64 base64 default prod production dev development"
        " test testing staging stage live new old current initial data env var key keys token secret secrets password pass"
        " hex encoded header hs256 jwt bytes enc encrypted legacy beta alpha sandbox admin root master main user and"
        " primary secondary app client server api web bot access refresh db database is was for"
    )
)
"""Words behind that change nothing: a ``password_value`` is a password."""

_NOT_AFTER: Final = frozenset(
    _words(
        "id ids name names url urls uri uris path paths file files filename dir type types len length size sizes count"
        " counts expiry expires expiration expired ttl field fields label labels hint hints policy policies hash hashed"
        " hashes version versions date time at age prefix suffix index idx regex pattern format class enabled disabled"
        " required attempts limit limits usage map list dict set table column source provider manager handler helper"
        " service endpoint scope scopes code error errors message messages reset change changed update updated vault"
        " store keystore reader writer loader parser factory interface impl exception request response event events"
        " press pressed down up code codes pair pairs algorithm alg method mode ring chain board frame frames word words"
        " stroke space selector mapping ref refs reference arn alias location host port num number no bits budget"
        " cost costs price prices per owner account status state strength check checker validator valid validation"
        " confirmation protected less free only placeholder title description info prompt input box button form page"
        " template tag tags group groups role roles kind model models sequence order sort func function fn callback"
        " generator gen provider providers checksum digest fingerprint thumbprint sid kid iv salt nonce schema mgr"
        " encode decode encoding"
    )
)
"""Words behind that make it something else: a ``token_type`` is none."""

_NOT_BEFORE: Final = frozenset(
    _words(
        "public pub primary foreign csrf xsrf next page paging continuation cursor cache sort partition hot shortcut"
        " registry row range hash dict map cookie sequence lookup column index search group sync unique composite"
        " compound natural surrogate candidate template translation i18n locale message routing queue topic s3 bucket"
        " file object storage tracking media track video session max min num number idempotency anti forgery antiforgery"
        " verification known trusted metadata meta material down on press up arrow enter tab end start stop pad unk"
        " eos bos sep cls mask special tokenizer prompt completion total cached input output reasoning site recaptcha"
        " publishable anon license request change recv receive fingerprint"
    )
)
"""Words before ``key`` or ``token`` that make it something else, or nothing that opens a door."""


SERVICES: Final = _words(
    "adafruit airtable algolia alibaba asana atlassian auth0 bitbucket bittrex braintree cloudflare "
    "cloudinary codecov coinbase confluent contentful datadog digitalocean discord dropbox dynatrace "
    "easypost etsy fastly figma finicity finnhub flickr flutterwave freshbooks gitter gocardless grafana "
    "heroku hubspot infura intercom jfrog jira kraken kucoin launchdarkly linkedin looker mailchimp "
    "mailgun mapbox mattermost messagebird mixpanel netlify newrelic nytimes okta openai opsgenie "
    "pagerduty plaid planetscale plivo postman pusher rapidapi rollbar sendbird sendgrid sentry shippo "
    "shopify sidekiq snyk sonar sourcegraph splunk spotify squarespace stripe sumologic telegram travis "
    "trello twilio twitch twitter typeform vonage wakatime yandex zendesk"
)
"""Services after which a credential of theirs may be named, with no other word."""
_SERVICES: Final = frozenset(SERVICES)


def is_service(name: str) -> bool:
    """Whether a name is that of a service and no more.

    >>> is_service("mailchimp"), is_service("SENDGRID_PROD"), is_service("twilio_url")
    (True, True, False)
    """
    words = [word.lower() for word in _WORD.findall(name)]
    while words and (words[-1] in _AFTER or words[-1].isdigit()):
        words.pop()
    return bool(words) and words[-1] in _SERVICES


@functools.lru_cache(maxsize=4096)
def class_of(name: str) -> Class | None:
    """What the value of something of this name is.

    >>> class_of("DB_PASSWORD"), class_of("apiToken"), class_of("token_type"), class_of("publicKey")
    ('password', 'secret', None, None)
    """
    name = name.replace("p/w", "pw").replace("P/W", "pw")
    words = [word.lower() for word in (_WORD if name.isascii() else _ANY_WORD).findall(name)]
    for number in range(len(words) - 1, -1, -1):
        found = _class_of_word(words, number)
        if found:
            return _with_neighbours(found[0], words[: number - found[1]], words[number + 1 :])
        if words[number] in _NOT_AFTER:
            return None
    return None


def _class_of_word(words: list[str], number: int) -> tuple[Class, int] | None:
    """What a word says, and how many words before it belong to it."""
    word = words[number]
    if word in _NOTHING:
        return None
    word = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
    if _PASSWORDS.fullmatch(word):
        return "password", 0
    joined = words[number - 1] + word if number else ""
    if joined in _ENDS:
        return _ENDS[joined], 1
    for size in _SIZES:
        if word[-size:] in _ENDS and len(word) >= size:
            return _ENDS[word[-size:]], 0
    return None


def _with_neighbours(found: Class, before: list[str], behind: list[str]) -> Class | None:
    behind = [word for word in behind if not word.isdigit()]
    if any(word in _NOT_AFTER for word in behind):
        return None
    if found != "password" and before and before[-1] in _NOT_BEFORE:
        return None
    if found == "key" and any(word not in _AFTER and len(word) > 1 for word in behind):
        return None
    return found
