"""The detector: a 224x224 view of a photo to plate boxes."""
