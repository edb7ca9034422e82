"""What every room stands on: the clock, errors, sealing under the master key, client addresses, deadlines.

Nothing here knows a database, a network or a system. Imports no other room.
"""
