"""What operators see of a running gateway: logs, and drift in the answers of systems.

Nothing here stands on the way of an answer. May import `ground`, `storage` and `records`.
"""
