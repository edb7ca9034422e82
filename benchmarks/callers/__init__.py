"""Callers at the gateway's limits: a stop under load, many connections, a caller over its limit, the cost of limits."""
