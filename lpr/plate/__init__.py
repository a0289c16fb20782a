"""What a plate is: its alphabet and text, its box, and how it is cut out of a photo."""
