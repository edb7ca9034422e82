"""A remote adapter in plain Python: standard library only, as a template for agencies without PHP.

`protocol`: signatures and the protocol, the same for every system · `legacy`: the client of the old application ·
`mapping`: its rows as canonical bills · `service`: the server. Run: `python -m simulators.pbb.adapter.service --help`.
"""
