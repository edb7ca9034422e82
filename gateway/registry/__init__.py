"""Which systems are live: the built-in adapters, with their settings from `systems/*.toml`."""
