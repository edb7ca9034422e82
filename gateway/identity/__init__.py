"""Accounts: sign-in, second factors, contacts, registration, recovery, and what belongs to an account.

Passwords, second factors (`factors`), contacts, registration, recovery, verification of the NIK, messages to people
(`messages`), and the owner's view of their account (`self_service`). Rules and rows, no pages. May import `ground`,
`policy` and `storage`. Sources: OWASP ASVS 5.0 chapter 6, NIST SP 800-63B, RFC 6238, W3C WebAuthn Level 2.
"""
