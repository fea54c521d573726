"""The reference: the facts of one record in plain Python, then the table. Short enough to read aloud."""
