"""The closed lists of the public formats: what a record, a decision or an event may say.

An unknown *value* of plan, kind, product, channel, age, role, mode or audience is denied, never an error;
an unknown *name* (a misspelt key or event) is an error, never skipped.
"""

from __future__ import annotations

PURPOSES = ("train.general", "train.safety", "review.human", "serve", "share.third_party", "sell")
"""What a record may be wanted for. Permission never flows from one to another."""

PURPOSE_WORDS = {
    "train.general": "general model training",
    "train.safety": "training models that detect misuse",
    "review.human": "reading by human reviewers",
    "serve": "answering the person, personalisation included",
    "share.third_party": "handing to third parties",
    "sell": "selling",
}

ROLES = ("user", "assistant", "tool")
KINDS = (
    "text",
    "code",
    "audio",
    "transcript",
    "upload",
    "connector",
    "post",
    "photo",
    "video",
    "ai_interaction",
    "feedback",
)
MEDIA_KINDS = ("audio", "photo", "video", "upload")
"""Kinds whose records may carry bytes or a path beside, or in place of, text."""
PRODUCTS = ("chat", "code", "voice", "social", "api")
CHANNELS = ("first_party", "bedrock", "vertex")
MODES = ("normal", "incognito")
AUDIENCES = ("private", "public")
AGES = ("adult", "minor", "unknown")
MECHANISMS = ("signup", "dialog", "settings", "default", "admin", "import")
PERSONAL_ACTS = ("signup", "dialog", "settings")
"""Mechanisms that are an act of the person."""
FEATURES = ("rate_chats", "files")
SIGNAL_VALUES = {"gpc": ("1", "0"), "aipref": ("allowed", "disallowed", "unknown")}
"""The machine signals that a history may tell of, with the values of each: Global Privacy Control, IETF AIPREF."""
SIGNAL_NOES = {"gpc": "1", "aipref": "disallowed"}
"""The value of each that says no. No other asks for anything: the absence of a no is never a yes."""
