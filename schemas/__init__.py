"""The canonical data model: what every system's data becomes, and the only shapes that leave the gateway.

Pure data: pydantic and the standard library, no input or output, no knowledge of adapters or of the gateway.
"""
