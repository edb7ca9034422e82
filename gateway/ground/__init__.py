"""Foundations for every room: clock, errors, sealing under the master key, client addresses, deadlines.

Nothing here depends on a database, a network or a system. Imports no other room.
"""
