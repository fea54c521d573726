"""``service.toml``: how a workspace is served. Whoever can write it decides who signs in, and who may embed the service."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from troth.ask.layout import Style, read_style
from troth.errors import Place, UsageError
from troth.operations.live.question import Deferral
from troth.operations.live.running import Chosen
from troth.types.moment import MomentError, Period, parse_period

FILE = "service.toml"
FORMAT = 1
ROLES = ("owner", "privacy", "engineer", "auditor")
"""The roles of operators."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Oidc(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[oidc]``: the provider with which operators sign in."""

    issuer: str
    client_id: str = msgspec.field(name="client-id")
    secret_env: str | None = msgspec.field(name="secret-env", default=None)
    """The variable of the environment that holds the client's secret; without it the client is a public one."""
    roles_claim: str = msgspec.field(name="roles-claim", default="roles")
    roles: dict[str, list[str]] = {}
    """For each role of `ROLES` the values of the claim that give it."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[limits]``: requests a second, each with as many at once as ``burst`` seconds give."""

    per_key: float = msgspec.field(name="per-key", default=5_000.0)
    per_person: float = msgspec.field(name="per-person", default=20.0)
    per_operator: float = msgspec.field(name="per-operator", default=50.0)
    unknown: float = 200.0
    """Of all who show no valid credentials, together."""
    burst: float = 2.0
    body: int = 1_048_576
    """Bytes that a request may have."""
    body_seconds: float = msgspec.field(name="body-seconds", default=10.0)
    """How long its body may take to arrive."""


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[ask]``: how often the question may be put off, for how long each time (ISO 8601), and its own words."""

    deferrals: int = 3
    wait: str = "P1D"
    notices: str | None = None
    """A folder of the organisation's own questions, beside the file."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    terms: str
    origin: str
    audience: str | None = None
    options: dict[str, str] = {}
    allowed_origins: list[str] = msgspec.field(name="allowed-origins", default_factory=list)
    law: str = "P1M"
    ask: Ask = Ask()
    limits: Limits = Limits()
    oidc: Oidc | None = None
    style: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How a workspace is served."""

    terms: str
    origin: str
    """The address under which people reach the service: scheme, host and port, without a path."""
    audience: str
    """What the tokens of persons name as ``aud``."""
    options: dict[str, str] = field(default_factory=dict)
    allowed_origins: tuple[str, ...] = ()
    """The origins of products whose pages may call the service from a browser."""
    law: Period = field(default_factory=lambda: Period(1, 0))
    """How long the law gives for an answer to a request of a person."""
    deferral: Deferral = field(default_factory=lambda: Deferral(3, Period(0, 86_400_000_000)))
    limits: Limits = field(default_factory=Limits)
    notices: Path | None = None
    """A folder of the organisation's own questions."""
    oidc: Oidc | None = None
    style: Style = field(default_factory=Style)
    """How the question looks, as far as a product may say."""

    def chosen(self, folder: Path) -> Chosen:
        """What the running service is told about its workspace."""
        return Chosen(folder, self.terms, self.options, self.deferral, notices=self.notices)


def read_service_settings(folder: Path) -> ServiceSettings:
    """Read ``service.toml`` of a workspace. Raises `UsageError`, naming the file, for whatever is wrong in it."""
    path = folder / FILE
    place = Place(str(path))
    try:
        told = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except FileNotFoundError:
        raise UsageError(
            "the workspace has no service.toml",
            place=place,
            remedy='write one: format = 1, terms = "…", origin = "https://…" (docs/service.md)',
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"cannot be read: {problem}", place=place, remedy="mend the file") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise UsageError(
            f"not the settings of a service: {problem}", place=place, remedy="docs/service.md has every key"
        ) from None
    try:
        return _checked(told, folder)
    except (ValueError, MomentError) as problem:
        raise UsageError(str(problem), place=place, remedy="mend the value (docs/service.md)") from None


def _checked(told: _File, folder: Path) -> ServiceSettings:
    if told.format != FORMAT:
        raise ValueError(f"format {told.format} is another format than {FORMAT}")
    if told.ask.deferrals < 0 or told.ask.deferrals > 100:
        raise ValueError(f"ask.deferrals is {told.ask.deferrals}; it lies from 0 to 100")
    _check_limits(told.limits)
    if told.oidc is not None:
        _check_oidc(told.oidc)
    beside = folder / told.terms
    return ServiceSettings(
        terms=str(beside) if beside.exists() else told.terms,
        origin=check_web_origin(told.origin),
        audience=told.audience or told.origin,
        options=dict(told.options),
        allowed_origins=tuple(check_web_origin(one) for one in told.allowed_origins),
        law=parse_period(told.law),
        deferral=Deferral(told.ask.deferrals, parse_period(told.ask.wait)),
        limits=told.limits,
        notices=_notices(told.ask, folder),
        oidc=told.oidc,
        style=read_style(told.style),
    )


def _notices(ask: Ask, folder: Path) -> Path | None:
    if ask.notices is None:
        return None
    if not (folder / ask.notices).is_dir():
        raise ValueError(f"ask.notices: there is no folder {ask.notices!r} beside this file")
    return folder / ask.notices


def check_web_origin(text: str) -> str:
    """Give a web origin back. Raises ``ValueError`` unless it is ``https://host[:port]``, or http on this machine."""
    parts = urlsplit(text)
    bare = f"{parts.scheme}://{parts.netloc}"
    here = parts.hostname in _LOOPBACK
    if text != bare or not parts.hostname or re.search(r"[\s@\"'<>;,]", parts.netloc):
        raise ValueError(f"{text!r} is no origin: write it like https://privacy.example.org")
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise ValueError(f"{text!r} is not https")
    return text


def _check_limits(limits: Limits) -> None:
    for name in limits.__struct_fields__:
        if getattr(limits, name) <= 0:
            raise ValueError(f"limits.{name} is {getattr(limits, name)}; it is more than 0")


def _check_oidc(oidc: Oidc) -> None:
    parts = urlsplit(oidc.issuer)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError(f"oidc.issuer {oidc.issuer!r} is not https")
    for role in oidc.roles:
        if role not in ROLES:
            raise ValueError(f"oidc.roles names {role!r}; there are {', '.join(ROLES)}")
