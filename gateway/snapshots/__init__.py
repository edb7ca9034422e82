"""Snapshots: public records that the gateway holds, from feeds and inbound webhooks.

`store` serves them · `feeds` and `fetcher` renew them · `inbound` takes what systems push, `overlay` lays it over what
was fetched · `personal_seal` holds personal rows of a fed file sealed · `search` the index over public records. May
import `ground`, `storage`, `shared`, `records`, `policy`, `upstream` and `registry`.
"""
