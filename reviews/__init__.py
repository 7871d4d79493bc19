"""Where people talk about the counted facts: reviews, questions, hypotheses, actions."""
