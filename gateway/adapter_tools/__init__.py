"""Tools of adapter developers: `scaffold` makes a new system, `recorder` saves real answers as fixtures.

Imported by commands only.
"""
