"""Numbers for programs."""
