"""Accounts: how people prove who they are, and what belongs to an account.

Passwords, second factors (`factors`), contacts, registration, recovery, verification of the NIK, messages to people
(`messages`), and what owners see of their own account (`own`). Rules and rows, no pages. May import `ground`, `policy`
and `storage`. Sources: OWASP ASVS 5.0 chapter 6, NIST SP 800-63B, RFC 6238, W3C WebAuthn Level 2.
"""
