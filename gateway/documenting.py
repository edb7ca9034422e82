"""The committed OpenAPI document, made without a database or a network."""

import json
import tempfile
from pathlib import Path

from gateway.app import create_app
from gateway.openapi import describe
from gateway.registry.registry import Registry
from gateway.settings import Mode, load_settings


def document_text() -> str:
    """The document as it is committed: for the demo's address, keys in a stable order."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(mode=Mode.DEMO, home=Path(home), port=8000)
        app = create_app(settings, registry=Registry(()))
        document = describe(app, issuer=settings.issuer_url, server=settings.issuer_url)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
