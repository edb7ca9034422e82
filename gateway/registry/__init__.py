"""Which systems are live: the built-in and the remote adapters, with their settings from `systems/*.toml`."""
