"""Pages of what the two departments have agreed on."""
