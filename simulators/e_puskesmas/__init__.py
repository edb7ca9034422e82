"""The simulator of the health centres' registration and queue service; `README.md` is its interface description."""
