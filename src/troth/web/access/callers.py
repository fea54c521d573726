"""Who asks: a product with its key, a person with their token or session, an operator, an organisation's administrator."""

from __future__ import annotations

from dataclasses import dataclass

PRODUCT, PERSON, ADMIN = "product", "person", "admin"
OPERATORS = ("owner", "privacy", "engineer", "auditor")
"""The roles of those who work for the organisation; each of their acts, allowed or denied, is logged."""
ROLES = (PRODUCT, PERSON, ADMIN, *OPERATORS)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and how they showed it."""

    role: str
    """One of `ROLES`."""
    who: str
    """Who it is without a name: ``key:…``, ``operator:…``, or ``person:`` and the key that vouches for them."""
    account: str | None = None
    """Whom a person is. They reach nobody else."""
    organisation: str | None = None
    """Whose administrator it is."""
    scopes: frozenset[str] | None = None
    """What a key may, of what its role may; None: all of it."""
    key: str | None = None
    csrf: str | None = None
    """The token that forms carry, of who comes with a session."""

    @property
    def is_operator(self) -> bool:
        """Whether their acts are logged."""
        return self.role in OPERATORS

    @property
    def counted_as(self) -> str:
        """Under which name their requests are counted for the limits."""
        return self.who if self.account is None else f"{self.who}/{self.account}"
