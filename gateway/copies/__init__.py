"""Copies: what feeds bring in, whole snapshots at a time, and what is served from them when a system is away."""
