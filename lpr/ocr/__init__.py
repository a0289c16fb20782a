"""The OCR: a 32x128 crop of a plate to characters."""
