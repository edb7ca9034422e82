"""The committed OpenAPI documents, generated without a database or a network."""

import json
import tempfile
from pathlib import Path
from typing import Any

from adapters.remote.document import document as adapter_protocol
from gateway.api.openapi.document import describe
from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.settings import Mode, load_settings


def document_text() -> str:
    """The committed document: for the demo's address, keys in a stable order."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(mode=Mode.DEMO, home=Path(home), port=8000)
        app = create_app(settings, registry=Registry(()))
        document = describe(app, issuer=settings.issuer_url, server=settings.issuer_url)
    return _to_json(document)


def documents(path: Path) -> dict[Path, str]:
    """Every document with its file: the public API in `path`, the adapter protocol beside it."""
    return {path: document_text(), path.with_name("adapter-protocol.json"): _to_json(adapter_protocol())}


def _to_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
