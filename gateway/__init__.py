"""The gateway: one API and one sign-in for every system of the city.

Its rooms, the lowest first. A room may import only the lower ones that its docstring names, which import-linter
enforces:

`ground` · `storage` · `shared` · `records` · `policy` · `upstream` · `registry` · `observability` · `identity` ·
`authentication` · `oidc` · `snapshots` · `federation` · `delivery` · `settings` · `api` · `pages` · `app` · `server` ·
`adapter_tools` · `demo` · `cli`
"""
