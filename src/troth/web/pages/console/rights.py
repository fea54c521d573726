"""Who may look at what of the console that is no endpoint's; all else is by the rights of the endpoints."""

from __future__ import annotations

from collections.abc import Mapping

from troth.web.access.callers import OPERATORS
from troth.web.access.rights import AUDITOR, ENGINEER, OWNER, PRIVACY, Right

_SCOPE = "console"

CONSOLE: Mapping[str, Right] = {
    "console.overview": Right(_SCOPE, OPERATORS),
    "console.reach": Right(_SCOPE, OPERATORS),
    "console.reach.count": Right(_SCOPE, (OWNER, PRIVACY, ENGINEER)),
    "console.releases": Right(_SCOPE, OPERATORS),
    "console.retention": Right(_SCOPE, (OWNER, PRIVACY, AUDITOR)),
    "console.retention.look": Right(_SCOPE, (OWNER, PRIVACY)),
    "console.receipt": Right(_SCOPE, OPERATORS),
}
"""By the name of the act, as the ledger has it."""
