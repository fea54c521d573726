"""Files that survive a stop at any moment."""
