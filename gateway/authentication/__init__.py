"""Authentication of API callers: access tokens, DPoP proofs, web-session cookies, and the issuers' keys.

`callers` is the entry point · `bearer` and `dpop` verify tokens and proofs · `principals` resolves a verified token to
a principal · `web_sessions` does the same for browsers. May import `ground`, `identity`, `policy` and `storage`.
"""
