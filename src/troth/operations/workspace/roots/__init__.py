"""Who keeps the root of the key tree, and how one keeper follows another."""
