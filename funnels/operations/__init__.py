"""Writing: the only place that writes."""
