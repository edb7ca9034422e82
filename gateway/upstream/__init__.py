"""The engines behind the Protocols of `adapters.upstream`, and the one stack of layers that every request passes.

`upstreams` is what the gateway uses; `stack` lists the layers, outermost first; `http`, `sql`, `local_files` and `sftp`
are the engines. What is not asked over HTTP goes through a `passage`, which is the same layers in one piece.
"""
