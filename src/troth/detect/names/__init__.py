"""A small learned tagger for people, places, organisations and street addresses."""
