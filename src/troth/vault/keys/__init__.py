"""Keys that can be destroyed one by one: pages of keys, the tree above them, and the root at its top."""
