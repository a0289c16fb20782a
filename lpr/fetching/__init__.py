"""Samples: reading them in every annotation format, checking them, dividing them into splits."""
