"""One question to many systems under one deadline, and one deterministic, honest answer.

May import `ground`, `shared`, `records`, `policy`, `upstream`, `registry` and `snapshots`.
"""
