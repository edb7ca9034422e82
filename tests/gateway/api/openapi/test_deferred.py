"""Deferred responses: nothing is described when a route is declared, and everything in the document."""

import pytest
from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from gateway.api.openapi.deferred import deferred, described_routes, resolve


class Letter(BaseModel):
    """An answer."""

    text: str


@pytest.fixture
def described():
    """The arguments of each description that was made."""
    return []


@pytest.fixture
def letters(described):
    """Returns the responses of an operation, deferred."""

    @deferred
    def letters(description, *, problem):
        described.append(description)
        return {200: {"model": Letter, "description": description}, problem: {"description": "Refused"}}

    return letters


@pytest.fixture
def app(letters):
    router = APIRouter()

    @router.get("/letter", responses=letters("A letter", problem=403))
    async def letter() -> Response:
        """Return a letter."""

    app = FastAPI()
    app.include_router(router, prefix="/v1")
    return app


def document(app):
    return get_openapi(title="t", version="1", routes=tuple(described_routes(app.routes)))


def test_declared_and_included_routes_describe_nothing(app, described):
    assert not any(context.response_fields for context in app.router.routes[-1].effective_candidates())
    assert described == []


def test_the_document_has_the_responses_and_their_models(app, described):
    written = document(app)
    responses = written["paths"]["/v1/letter"]["get"]["responses"]
    assert {status: one["description"] for status, one in responses.items()} == {"200": "A letter", "403": "Refused"}
    assert responses["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Letter"}
    assert "Letter" in written["components"]["schemas"]
    assert described == ["A letter"]


def test_the_document_can_be_made_again(app):
    assert document(app) == document(app)


def test_one_deferred_description_may_be_made_of_another(letters):
    @deferred
    def outer():
        return letters("Inner", problem=404)

    assert resolve(outer()) == {200: {"model": Letter, "description": "Inner"}, 404: {"description": "Refused"}}


def test_other_responses_stay_as_they_are():
    assert resolve({204: {"description": "Done"}}) == {204: {"description": "Done"}}
