"""The shape of an adapter: static checks, without a simulator.

`package_files`: files, datasheet, README · `table`: the spec and its rows · `fields`: settings and bodies ·
`import_rules`: imports, clocks, file access
"""
