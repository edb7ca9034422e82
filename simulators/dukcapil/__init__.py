"""The simulator of the civil registry's NIK service; `README.md` is its interface description."""
