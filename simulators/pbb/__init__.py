"""The simulator of the land and building tax office: the old billing application and its remote adapter.

`legacy` the old application · `adapter` the remote adapter, standard library only · `simulator` both in the city ·
`README.md` the interface descriptions.
"""
