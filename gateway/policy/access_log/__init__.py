"""The access log: who saw whose data, when and why. Rows are only added, never changed.

`entries` defines an entry · `recorder` builds the entries of an answer · `actions` those of operators and account
owners · `writer` commits them in groups. May import `ground` and `storage`.
"""
