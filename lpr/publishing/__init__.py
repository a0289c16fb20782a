"""Publishing the bundle as a version: which number it gets, what it says, and where it goes."""
