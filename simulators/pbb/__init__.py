"""The twin of the land and building tax office: the old billing application, and the remote adapter in front of it.

`legacy` the old application · `adapter` the remote adapter, standard library only · `twin` both in the city ·
`README.md` the interface descriptions.
"""
