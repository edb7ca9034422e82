"""State that several gateway processes share: leases, quotas, limits of callers, sessions of systems, circuits.

`contract` has the Protocols, `memory` and `call_windows` the implementation for a single process. May import `ground`
and `storage`.
"""
