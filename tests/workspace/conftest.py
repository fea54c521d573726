"""A shop with a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from shops import Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path)
