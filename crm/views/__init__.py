"""Pages: each translates between a person and one operation or query."""
