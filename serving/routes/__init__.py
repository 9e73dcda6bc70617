"""HTTP: the API, the pages, the health of the service."""
