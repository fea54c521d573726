"""The frozen nouns that cross the doors between rooms."""
