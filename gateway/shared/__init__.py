"""State that several gateway processes share: leases, quotas, sessions of systems, circuits.

`contract` has the Protocols, `memory` the implementation for a single process, `bounded` dictionaries of bounded size.
May import `ground` and `storage`.
"""
