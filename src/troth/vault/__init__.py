"""The vault: keys that can be destroyed, and what is sealed under them."""
