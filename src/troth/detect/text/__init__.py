"""A text as the recognisers see it: characters that look alike made the same, and prose told from code."""
