"""The simulator of the complaints service LAPOR; `README.md` is its interface description."""
