"""Troth: published data-use terms as code, and the machine that keeps them."""

__version__ = "0.1.0"
