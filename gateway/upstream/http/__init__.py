"""The HTTP engine, its bounds against hostile answers, and SOAP 1.1 over it."""
