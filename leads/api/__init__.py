"""Leads for programs: each endpoint translates between JSON and one operation or query."""
