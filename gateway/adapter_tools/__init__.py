"""Tools for adapter developers: `scaffold` generates a new system, `recorder` saves real answers as fixtures.

Imported by commands only.
"""
