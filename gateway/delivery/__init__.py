"""Delivers writes to systems exactly once. An outcome is unknown until proven, and is looked up before a second send.

The API does not use this room yet; the conformance suite and the tests of adapters do. `exactly_once` has the
transitions of one write · `outcomes` its possible outcomes. May import `ground`, `storage`, `shared`, `policy`,
`upstream` and `registry`.
"""
