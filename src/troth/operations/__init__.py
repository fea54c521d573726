"""Operations: one file for each verb. Here the rooms are joined; clocks, files and randomness come in here."""
