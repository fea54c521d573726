"""Who may: keys, tokens of persons, sessions, roles, and the one table of what each may do."""
