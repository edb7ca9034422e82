"""Who is calling the API: access tokens, DPoP proofs, cookies of web sessions; and the keys of the issuers.

`callers` is the entrance · `bearer` and `dpop` judge tokens and proofs · `principals` turns them into a principal ·
`web_sessions` those of browsers. May import `ground`, `identity`, `policy` and `storage`.
"""
