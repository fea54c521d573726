"""Copies of a workspace, and a workspace out of a copy."""
