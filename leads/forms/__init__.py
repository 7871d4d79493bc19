"""What a person types, checked for form."""
