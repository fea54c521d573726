"""A client for a Troth service."""

from troth_client.client import Client, ProblemError
from troth_client.tokens import person_token

__all__ = ["Client", "ProblemError", "person_token"]
