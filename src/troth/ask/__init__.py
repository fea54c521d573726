"""The ask: notices, layouts and the contract of a fair question. Pure."""
