"""State that several gateway processes must agree on: leases, quotas, sessions of systems, circuits.

`contract` has the Protocols, `memory` the implementation for a single process, `bounded` dictionaries that cannot grow
without end. May import `ground` and `storage`.
"""
