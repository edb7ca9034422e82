"""Snapshots: public records that the gateway holds, from feeds and inbound webhooks.

`store` serves them · `feeds` and `fetcher` renew them · `inbound` receives what systems push, `overlay` merges it over
what was fetched · `personal_seal` holds personal rows of a fed file sealed · `search` indexes public records. May
import `ground`, `storage`, `shared`, `records`, `policy`, `upstream` and `registry`.
"""
