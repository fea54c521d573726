"""The commands of ``troth vault``."""
