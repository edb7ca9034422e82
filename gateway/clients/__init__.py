"""The register of clients: what must be said of one, and what an operator may do with it."""
