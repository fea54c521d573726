"""Pages: the privacy centre for people and the console for operators, drawn by the server."""
