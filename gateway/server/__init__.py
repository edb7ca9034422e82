"""Serving the gateway on a socket: bounded connections, signals, and the checks of a production start.

Imported by commands only.
"""
