"""A remote adapter in plain Python: nothing but the standard library, to be copied by whoever has no PHP.

`protocol` signatures and the protocol, the same for every system · `legacy` asks the old application · `mapping` its
rows as canonical bills · `service` the server. Run: `python -m simulators.pbb.adapter.service --help`.
"""
