"""The access log. Entries are only ever added; later they become tamper-evident."""
