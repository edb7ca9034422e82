"""How a person proves who they are: passwords, second factors, contacts, and the officer who has seen their KTP.

Rules and rows, without pages: the pages are the provider's (`gateway.provider`), commands are in `gateway.cli_account`.
Sources: OWASP ASVS 5.0 chapter 6, NIST SP 800-63B, RFC 6238, W3C WebAuthn Level 2.
"""
