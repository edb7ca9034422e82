"""Ports of loopback that stay ours while nothing listens there, so that no other process comes upon them meanwhile."""

import socket
import weakref


def held(owner: object) -> int:
    """A port that refuses callers until somebody listens there, and that the system gives to nobody else.

    It is given back when `owner` is gone. A server that reuses addresses may listen there, end, and listen again.
    """
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    weakref.finalize(owner, place.close)
    return int(place.getsockname()[1])
