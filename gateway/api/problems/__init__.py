"""Problem answers (RFC 9457): the table of problem types, and the exception handlers that build the answers."""
