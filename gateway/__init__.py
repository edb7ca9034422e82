"""The gateway: one door to every system of the city.

Its rooms, from the ground up; each may import those below it that its docstring names, and no other (import-linter
keeps it so):

`ground` · `storage` · `shared` · `records` · `policy` · `upstream` · `registry` · `observability` · `identity` ·
`authentication` · `oidc` · `snapshots` · `federation` · `delivery` · `settings` · `api` · `pages` · `app` · `server` ·
`adapter_tools` · `demo` · `cli`
"""
