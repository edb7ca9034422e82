"""The unified REST API.

`resources` has one module for each resource, never for an agency · `formats` the forms of a list (JSON, CSV, GeoJSON,
iCalendar) · `problems` error answers · `openapi` the document. The other modules are what routes share: request
context, lists, details, answers. May import every room above it in `gateway`'s list; never an adapter.
"""
