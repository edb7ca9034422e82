"""Which systems are live: built-in, installed and remote adapters, with their settings from `systems/*.toml`."""
