"""The provider on a real socket, at the address that its issuer names: for peers that know nothing but that address."""

import asyncio
import contextlib
import socket

import uvicorn

from gateway.clock import now
from tests.gateway.provider.conftest import open_house


class Server(uvicorn.Server):
    """Ends when it is told to, and leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


@contextlib.asynccontextmanager
async def served_house(tmp_path):
    """A house by the clock of this machine, which answers until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with open_house(tmp_path, f"sqlite:///{tmp_path / 'provider.db'}", issuer=issuer, clock=now) as house:
            server = Server(uvicorn.Config(house.app, log_level="warning", lifespan="off", ws="none"))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                yield house
            finally:
                server.should_exit = True
                await serving
