"""Kaggle: data in, models out, sessions, and a DVC remote that lives in a dataset.

Nothing here imports the `kaggle` client until a call needs it: the client authenticates when it is imported.
"""
