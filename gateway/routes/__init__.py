"""The unified REST API: one module for each resource, never for an agency."""
