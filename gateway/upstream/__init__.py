"""How systems are reached over the network: HTTP, SOAP, SQL databases, folders, SFTP.

`upstreams` is what the other rooms use. The engines in `http`, `sql` and `files` implement the Protocols of
`adapters.upstream`. `http/stack.py` lists the layers that every HTTP request passes, outermost first; SQL and files
pass the same layers through `call_guard`. May import `ground` and `shared`.
"""
