"""The service `lpr serve`: photos over HTTP, read together, and the page at `/`. Needs the extra `lpr[serve]`."""
