"""A person's conversations: which are theirs, and deleting one."""

from __future__ import annotations

from troth.errors import RefusedError
from troth.history.event import Event
from troth.operations.workspace.opened import Workspace
from troth.operations.workspace.receipts.lineage import conversations_of
from troth.types.moment import Moment


def talks_of(workspace: Workspace, account: str) -> list[str]:
    """The conversations of an account that the history or the vault knows, in order. Raises ``StoreError``."""
    return conversations_of(workspace.store, account)


def require_own(workspace: Workspace, account: str, conversation: str) -> None:
    """Raise `RefusedError` unless an account takes part in a conversation.

    Only what is the account's own is read, so that neither the answer nor its time tells a conversation of somebody else
    from one that is not there.
    """
    if conversation not in talks_of(workspace, account):
        raise no_such_talk()


def no_such_talk() -> RefusedError:
    """What is said of a conversation that is not there, or not the person's."""
    return RefusedError("not-found", "there is no such conversation", remedy="check the id")


def deleted(conversation: str, at: Moment, name: str) -> Event:
    """The event of a deletion; ``name`` is its id."""
    return Event("conversation.deleted", at, at, id=name, conversation=conversation)
