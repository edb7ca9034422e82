"""The simulator of the land and building tax office: the old billing application and its remote adapter.

`legacy`: the old application · `adapter`: the remote adapter, standard library only · `simulator`: runs both in the
city · `README.md`: the interface descriptions
"""
