"""The privacy centre: what somebody chose, what is done with their words, and taking it back."""
