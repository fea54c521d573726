"""Every page of the service."""

from __future__ import annotations

from troth.web.pages.assets import add_assets
from troth.web.pages.console.routes import add_console
from troth.web.pages.privacy.routes import add_privacy

EVERY = (add_assets, add_privacy, add_console)
"""What `troth.web.app.create_app` is handed."""
