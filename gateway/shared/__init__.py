"""State that several gateway processes share: leases, quotas, sessions of systems, circuits.

`contract` has the Protocols, `memory` the implementation for a single process. May import `ground` and
`storage`.
"""
