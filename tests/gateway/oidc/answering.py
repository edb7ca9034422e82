"""An application that answers on a socket until its block ends."""

import asyncio
import contextlib

import uvicorn


class _Server(uvicorn.Server):
    """Ends when it is told to, and leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


@contextlib.asynccontextmanager
async def answering(app, listener):
    """The application behind this listening socket."""
    server = _Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
