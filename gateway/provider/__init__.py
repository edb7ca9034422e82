"""The embedded OpenID provider: the one issuer that the city's apps know.

Authorization code with PKCE for public and confidential clients, login and consent pages without JavaScript, rotation
of refresh tokens, discovery. The grant machinery is Authlib's, run in a thread with synchronous sessions, and nothing
reaches it that `guard` has not passed. Sources: RFC 6749, 7636, 8252, 9068, 9207, 9700, OpenID Connect Core 1.0.
"""
