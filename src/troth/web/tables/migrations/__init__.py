"""How the tables came to be, step by step; run when the service starts."""
