"""Operations: one file for each verb. Here rooms are joined; clocks, files and randomness come in here."""
