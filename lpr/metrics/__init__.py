"""Metrics of detection, of reading true crops, end to end, and of confidence."""
