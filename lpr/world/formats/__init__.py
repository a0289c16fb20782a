"""The formats of the world's plates as plain data, one file a continent."""
