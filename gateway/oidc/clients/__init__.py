"""Registered clients: registration and its rules, administration, authentication by key or secret, quotas."""
