"""Models measured on a folder of labelled photos: the figures of `lpr.evaluation`, and pictures of the errors."""
