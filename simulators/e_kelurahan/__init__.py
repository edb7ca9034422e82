"""Simulator of e-kelurahan: an old PHP session application of the kelurahan. Its interface description is README.md."""
