"""What the workflows say to GitHub: a comment (by the standard library alone), an issue, a release, a pull request."""
