"""Pure decisions: no database, no HTTP, no clock."""
