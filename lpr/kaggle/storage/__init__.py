"""A DVC remote in a Kaggle dataset."""
