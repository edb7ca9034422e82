"""The twin of the planning system SIPD; `README.md` is its interface description."""
