"""The demonstration: the simulated city, its accounts and clients, and the gateway in front of it.

Imported by commands only.
"""
