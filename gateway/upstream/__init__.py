"""Network access to systems: HTTP, SOAP, SQL databases, folders, SFTP.

`upstreams` is the interface for the other rooms. The engines in `http`, `sql` and `files` implement the Protocols of
`adapters.upstream`. `http/stack.py` lists the layers that every HTTP request passes, outermost first; SQL and files
pass the same layers through `call_guard`. May import `ground` and `shared`.
"""
