"""Sends one question to many systems under one deadline, and merges the results in a deterministic order.

Every source that failed is reported in the result. May import `ground`, `shared`, `records`, `policy`, `upstream`,
`registry` and `snapshots`.
"""
