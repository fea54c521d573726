"""How much the vault holds, as a table and a picture."""
