"""The commands of ``troth terms``."""
