"""The access log: who saw whose data, when and why. Rows are only ever added.

`entries` what stands in an entry · `recorder` makes the entries of an answer · `actions` those of operators and
account owners · `writer` commits them in groups. May import `ground` and `storage`.
"""
