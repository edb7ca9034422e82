"""The OpenID provider that the city's apps know, and signing in at external providers.

From the bottom up: `external` (other providers, as their client), `clients`, `tokens`, `grants` (Authlib's machinery),
`html` (templates and texts), `sessions`, `dependencies`, `interaction` (steps between a person and their goal),
`endpoints`, `apps` (agencies' applications without OpenID), `provider` (wiring). Pages for people are in
`gateway.pages`. May import `ground`, `authentication`, `identity`, `policy` and `storage`. Sources: RFC 6749, 7636,
8252, 9068, 9126, 9207, 9449, 9700, OpenID Connect Core 1.0.
"""
