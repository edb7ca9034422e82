"""The canonical data model: the form to which the data of every system is converted, and the only one that is served.

Data only: pydantic and the standard library, no input or output, no import of adapters or of the gateway.
"""
