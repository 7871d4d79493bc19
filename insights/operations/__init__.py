"""Keeping counts."""
