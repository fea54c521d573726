"""Turns of the training half of the generated conversations, as texts to train on."""

from __future__ import annotations

from training.conversations.make import conversations
from training.names.corpora import EVERY_TYPE, GENERATED, TYPES, Document


def talks(seed: int, rounds: int) -> list[Document]:
    """Every template so many times. The same seed gives the same turns. The half for tests has no part in it."""
    documents = []
    for row in conversations("training", seed, rounds):
        spans = tuple(span for span in row["spans"] if span[2] in TYPES)
        documents.append(Document(row["text"], spans, GENERATED, EVERY_TYPE))
    return documents
