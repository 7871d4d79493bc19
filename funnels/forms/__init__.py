"""Reading what people typed about the rules."""
