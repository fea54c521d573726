"""``troth demo``: a small organisation, made up from a seed, around conversations; and the main job run on it."""
