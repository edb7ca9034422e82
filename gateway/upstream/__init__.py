"""The engines behind the Protocols of `adapters.upstream`, and the one stack of layers that every request passes.

`upstreams` is what the gateway uses; `stack` lists the layers, outermost first; `http` and `folder` are the engines.
"""
