"""The provider on a real socket, at the address that its issuer names: for peers that know nothing but that address."""

import contextlib
import socket

from gateway.ground.clock import now
from tests.gateway.oidc.answering import answering
from tests.gateway.oidc.conftest import open_house


@contextlib.asynccontextmanager
async def served_house(tmp_path):
    """A house by the clock of this machine, which answers until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        url = f"sqlite:///{tmp_path / 'provider.db'}"
        async with open_house(tmp_path, url, issuer=issuer, clock=now) as house, answering(house.app, listener):
            yield house
