"""The unified REST API.

`resources` has one module for each resource, none for an agency · `formats` serialises lists (JSON, CSV, GeoJSON,
iCalendar) · `problems` error answers · `openapi` the OpenAPI document · `composition` wires the dependencies of the
routes. The other modules are shared by the routes: request context, lists, details, answers. May import every room
above it in `gateway`'s list; never an adapter.
"""
