"""What the same machine reaches when it does nothing but the least: one committed INSERT a request, and COPY."""
