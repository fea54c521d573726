"""The releases of a workspace: recorded, read again, exported, compacted."""
