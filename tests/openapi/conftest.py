"""The generated document, made once for the tests of this folder."""

import json
from typing import Any

import pytest

from gateway.cli.documents import document_text


@pytest.fixture(scope="session")
def generated() -> str:
    return document_text()


@pytest.fixture(scope="session")
def document(generated: str) -> dict[str, Any]:
    return dict(json.loads(generated))


@pytest.fixture(scope="session")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation by its id."""
    every = [operation for path in document["paths"].values() for operation in path.values()]
    return {operation["operationId"]: operation for operation in every}
