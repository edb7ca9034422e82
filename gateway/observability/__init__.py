"""Observability for operators: logs, and drift in the answers of systems.

It does not delay requests: lines and answers are processed in background threads. May import `ground`, `storage` and
`records`.
"""
