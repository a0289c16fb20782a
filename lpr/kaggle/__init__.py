"""Kaggle in floors: `service` talks to it, `storage` keeps DVC's objects there, `sessions` run the pipeline there.

Nothing here imports the `kaggle` client until a call needs it: the client authenticates when it is imported.
"""
