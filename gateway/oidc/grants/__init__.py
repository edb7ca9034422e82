"""The OAuth grants over Authlib's machinery, run in a thread with synchronous sessions.

Nothing reaches the machinery that `parameters` has not passed.
"""
