"""What the workflows say to GitHub: a comment, an issue, a release, a pull request. The standard library alone."""
