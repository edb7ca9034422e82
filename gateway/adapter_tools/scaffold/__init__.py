"""`gerbang adapter new`: generates all files of a new system from `adapters/_template`.

`new_system` checks the id and title · `templates` fills in the template's files · `placement` moves them into the tree,
all or none
"""
