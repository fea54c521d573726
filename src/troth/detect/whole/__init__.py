"""What is known only of a whole text or conversation: overlaps, other spellings, special categories."""
