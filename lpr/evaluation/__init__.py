"""Measuring exported models on the test split: detection, reading, end to end, cost, gates, report."""
