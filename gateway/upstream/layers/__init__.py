"""What stands between a question and the network: circuit, concurrency limit, quota, retry, deadline, login, timing.

Each layer is one module. May import `gateway.upstream.request`, `place` and `settings`.
"""
