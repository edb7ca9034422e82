"""FastAPI as tutorials write it, with aiohttp or with httpx.

With aiohttp there is one session for all requests, opened in the lifespan; with httpx each request opens a client, as
the first pages of both projects show it. Handlers return dictionaries, and FastAPI makes the response. The held list is
a model that the handler returns. uvicorn's own log of accesses is off, which tutorials leave on.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import aiohttp
import httpx
import uvicorn
from fastapi import FastAPI, Header
from pydantic import BaseModel

from benchmarks.peers.questions import Question, Systems
from benchmarks.peers.records import Record, application, complaint, merged, proposal

Nik = Annotated[str, Header(alias="X-Nik")]


class HeldList(BaseModel):
    """The held list: its records are dictionaries, since a tutorial has no models of them."""

    items: list[dict[str, Any]]
    complete: bool


class AiohttpClient:
    """Requests through one aiohttp session."""

    def __init__(self) -> None:
        self.session: aiohttp.ClientSession | None = None

    async def ask(self, question: Question) -> Any:  # noqa: ANN401 - any JSON
        """Send a request; return its JSON."""
        if self.session is None:
            self.session = aiohttp.ClientSession()
        async with self.session.post(question.url, headers=question.headers, data=question.body) as response:
            return json.loads(await response.text())


class HttpxClient:
    """Requests through an httpx client each."""

    session: None = None

    async def ask(self, question: Question) -> Any:  # noqa: ANN401 - any JSON
        """Send a request; return its JSON."""
        async with httpx.AsyncClient() as client:
            response = await client.post(question.url, headers=question.headers, content=question.body)
            return json.loads(response.text)


def create_app(systems: Systems, client: AiohttpClient | HttpxClient) -> FastAPI:
    """The application."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if client.session is not None:
            await client.session.close()

    app = FastAPI(lifespan=lifespan)
    held = json.loads(systems.held.read_bytes())

    @app.get("/list", response_model=HeldList)
    async def get_list() -> Record:
        return {"items": held["items"], "complete": held["complete"]}

    @app.get("/one")
    async def get_one(nik: Nik) -> Record:
        found = await client.ask(systems.applications(nik))
        return merged([application(row) for row in found["data"]])

    @app.get("/three")
    async def get_three(nik: Nik) -> Record:
        applications, complaints, proposals = await asyncio.gather(
            client.ask(systems.applications(nik)),
            client.ask(systems.complaints(nik)),
            client.ask(systems.proposals(nik)),
        )
        return merged(
            [application(row) for row in applications["data"]],
            [complaint(row) for row in complaints["data"]],
            [proposal(row) for row in proposals["data"]],
        )

    return app


def main() -> None:
    """Serve: `fastapi_tutorial CONFIGURATION PORT aiohttp|httpx`."""
    client = HttpxClient() if sys.argv[3] == "httpx" else AiohttpClient()
    app = create_app(Systems.read(sys.argv[1]), client)
    uvicorn.run(app, port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
