"""What the cells of notebooks call."""
