"""Observability for operators: logs, metrics, and drift in the answers of systems.

It does not delay requests: lines and answers are processed in background threads, and metrics are counters that are
read at a scrape. May import `ground`, `storage`, `records`, `policy`, `upstream` and `registry`.
"""
