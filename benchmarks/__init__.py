"""Measurements of the gateway against other servers, of two checkouts against each other, and of its functions.

`README.md` describes the method and how to read the numbers.
"""
