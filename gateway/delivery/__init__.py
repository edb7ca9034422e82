"""Writes on their way into a system. Unknown is the default outcome, and is looked up before anything is sent again.

`once` the transitions of one write, from the first attempt to its outcome · `outcomes` what can become of it.
"""
