"""The shape of an adapter: what can be checked without asking it anything.

`parts` files, datasheet, README · `table` the spec, its rows · `fields` settings and bodies · `walls` imports, clocks
"""
