"""The data set that fetch_data writes: annotations, and the images that trainings prepare from it."""
