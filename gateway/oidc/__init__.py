"""The OpenID provider of the city's apps, and sign-in at external providers.

From the bottom up: `external` (client of other providers), `clients`, `tokens`, `grants` (OAuth grants over Authlib),
`html` (templates and texts), `sessions`, `dependencies`, `interaction` (forms, redirects and steps of a sign-in),
`endpoints`, `apps` (agencies' applications without OpenID), `provider` (wiring). HTML pages are in
`gateway.pages`. May import `ground`, `authentication`, `identity`, `policy` and `storage`. Sources: RFC 6749, 7636,
8252, 9068, 9126, 9207, 9449, 9700, OpenID Connect Core 1.0.
"""
