"""The committed OpenAPI documents, made without a database or a network."""

import json
import tempfile
from pathlib import Path
from typing import Any

from adapters.remote.document import document as adapter_protocol
from gateway.api.openapi import describe
from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.settings import Mode, load_settings


def document_text() -> str:
    """The document as it is committed: for the demo's address, keys in a stable order."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(mode=Mode.DEMO, home=Path(home), port=8000)
        app = create_app(settings, registry=Registry(()))
        document = describe(app, issuer=settings.issuer_url, server=settings.issuer_url)
    return _written(document)


def documents(path: Path) -> dict[Path, str]:
    """Every document with the file it is committed in: the public API in `path`, the adapter protocol beside it."""
    return {path: document_text(), path.with_name("adapter-protocol.json"): _written(adapter_protocol())}


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
