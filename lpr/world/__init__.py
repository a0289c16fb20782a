"""What the world's plates say: their formats, country by country, and how likely a text is by them."""
