"""OAuth grants over Authlib, run in a thread with synchronous sessions.

`parameters` validates every request before Authlib sees it.
"""
