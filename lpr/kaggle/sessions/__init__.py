"""Kaggle sessions: start one, look at it, fetch what it made."""
