"""The layers between a call and the network: circuit, concurrency limit, quota, retry, deadline, login, observation.

Each layer is one module. May import `gateway.upstream.request`, `place` and `settings`.
"""
