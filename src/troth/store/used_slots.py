"""How many slots a store's rows rest on: with fewer given out, a key database is an older one.

Whoever can write the row can make the workspace refuse to open, or hide from it that its key database is older.
"""

from __future__ import annotations

from troth.store.engine import Engine


class UsedSlots:
    """One more than the highest slot that a row was sealed under, as far as it was noted."""

    def __init__(self, engine: Engine) -> None:
        """Nothing is read yet."""
        self._engine = engine
        self._noted = 0

    def read(self) -> int:
        """How many slots must have been given out. Raises ``StoreError``."""
        found = self._engine.rows("SELECT slots FROM used")
        return int(found[0][0]) if found else 0

    def note(self, slots: int) -> None:
        """Note, within `Engine.writing`, that so many slots are used; call `keep` when that is durable."""
        if slots > self._noted:
            sql = (
                "INSERT INTO used (one, slots) VALUES (1, ?) ON CONFLICT (one)"
                " DO UPDATE SET slots = excluded.slots WHERE used.slots < excluded.slots"
            )
            self._engine.change(sql, (slots,))

    def is_new(self, slots: int) -> bool:
        """Whether `note` would write."""
        return slots > self._noted

    def keep(self, slots: int) -> None:
        """What was noted is durable: it need not be noted again."""
        self._noted = max(self._noted, slots)
