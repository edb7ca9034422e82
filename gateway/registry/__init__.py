"""The registry of live systems: built-in, installed and remote adapters, with their settings from `systems/*.toml`.

Also their quality levels, the agencies that own them, and the vault of their secrets. The only room that names
adapters. May import `ground`, `storage` and `policy.access_log`.
"""
