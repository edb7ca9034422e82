"""HTML pages for people: sign-in, account, second factors, registration, recovery, verification, problems.

Each module has the handlers of one page; `routes` lists them all. Templates and texts are in `gateway.oidc.html`. May
import `ground`, `storage`, `policy`, `identity`, `authentication`, `oidc` and `api.problems`.
"""
