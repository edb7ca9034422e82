"""The simulator of the planning system SIPD; `README.md` is its interface description."""
