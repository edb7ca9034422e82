"""Routing of requests to routes, with less work than FastAPI does and with the same results.

Routes stay declared to FastAPI. `routing_layer` stands in front of FastAPI's router, finds a route in `route_table`,
and calls it by its `lean_route`, which has the arguments from `request_parameters`. Everything that these do not cover
is left to FastAPI, which is the reference: tests compare the two.
"""
