"""The page of the service as static files, which read plates in the browser itself."""
