"""Adapters of five invented systems, each of a kind that the gateway does not name.

They fill the generic resources only (`case`, `entitlement`, `booking`, `place`, `notice`, `bill`). They are installed
as one distribution, and no code of the gateway knows them. `shared` has what all five need.
"""
