"""`gerbang adapter new`: everything of a new system, made from `adapters/_template`.

`naming` what a system may be called · `drawing` the template's files, filled in · `placing` put in place, or not at all
"""
