"""Delivers writes to systems exactly once. An outcome is unknown until proven, and is looked up before a second send.

`exactly_once` has the transitions of one write · `outcomes` its possible outcomes. May import `ground`, `storage`,
`shared`, `policy`, `upstream` and `registry`.
"""
