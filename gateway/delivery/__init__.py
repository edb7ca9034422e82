"""Writes on their way into a system. An outcome is unknown until proven, and is looked up before a second send.

`exactly_once` the transitions of one write · `outcomes` what can become of it. May import `ground`, `storage`,
`shared`, `policy`, `upstream` and `registry`.
"""
