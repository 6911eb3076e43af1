"""Core values to and from JSON, topics and payloads (design 5.3, 5.4). Pure."""
