"""The access log: one entry for each access to personal data. Rows are only added, never changed.

`entries` defines an entry · `recorder` builds the entries of an answer · `actions` those of operators and account
owners · `writer` commits them in groups, through a `store_thread` and one of the `stores`. May import `ground` and
`storage`.
"""
