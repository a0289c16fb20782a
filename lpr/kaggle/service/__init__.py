"""Kaggle's service: client, credentials, errors, retries, transfer, datasets."""
