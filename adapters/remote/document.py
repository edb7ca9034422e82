"""The adapter protocol as an OpenAPI 3.1 document, built from the models in `wire` and the canonical schema."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.remote import wire
from adapters.remote.commands import COMMANDS
from adapters.remote.operations import OPERATIONS, Operation
from adapters.remote.vectors import vectors
from schemas.catalogue import RESOURCES

Json = dict[str, Any]

_REF: Final = "#/components/schemas/"
_DESCRIPTION: Final = """\
Protokol adaptor jarak jauh: layanan dalam bahasa apa pun yang menjawab pertanyaan gerbang dengan rekaman kanonis.
Setiap permintaan ditandatangani gerbang, setiap jawaban ditandatangani adaptor; nomor pribadi hanya ada di dalam isi
pesan.

The protocol of remote adapters: a service in any language that answers the gateway's requests with canonical records.
The gateway signs every request, the adapter signs every answer; personal numbers are sent in message bodies only.

## Tanda tangan · Signatures

HTTP Message Signatures (RFC 9421), HMAC-SHA256 with the bytes of the shared secret, one signature labelled `gerbang`.
`Content-Digest` (RFC 9530) is the `sha-256` of the content before any coding; for a GET, that of empty content.

* A request covers `("@method" "@path" "content-digest")` with `created`, `nonce`, `keyid`, `alg="hmac-sha256"` and
  `tag="gerbang-adapter"`. The adapter refuses with 401 a request that is not signed so, or that was created more than
  60 s from its own clock, and with 409 a nonce that it has seen in the last five minutes.
* An answer covers `("@status" "content-digest" "signature";req;key="gerbang")` with `created`, `keyid`, `alg` and
  `tag`. The third component is the signature of the request: an old answer, or one to another request, does not match.
  The gateway accepts no answer with status 200 that is not signed so. Others need no signature: only their status
  counts.
* Parameters may be in any order. `x-test-vectors` contains a complete request and answer with their signature bases.

## Jawaban bukan 200 · Other answers

401 and 403: the adapter does not accept the gateway's credentials. 404 and 422: it refuses the request. 429 and 503,
with `Retry-After`: temporarily unavailable. 502 and 504: the system behind it failed. For a resident without records,
answer an empty page, never a 404. A record with an unknown member in its body, or a wrong type, is set aside; the
other records are used.
"""


def document() -> Json:
    """Return the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gerbang: protokol adaptor · adapter protocol",
            "summary": "Adaptor jarak jauh · Remote adapters",
            "description": _DESCRIPTION,
            "contact": {"name": "Diskominfotik Kota Banjarmasin"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "version": "1.0.0",
        },
        "servers": [{"url": "http://127.0.0.1:8090", "description": "Adaptor · The adapter"}],
        "tags": [{"name": "adapter", "description": "Yang dijawab adaptor · Operations of an adapter"}],
        "security": [{"signature": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"signature": _security()},
            "parameters": _parameters(),
            "headers": {name: {**_header(name), "required": True} for name in _SIGNED_BY},
            "responses": {"Problem": _problem()},
            "schemas": _schemas(),
        },
        "x-test-vectors": vectors(),
    }


_SIGNED_BY: Final[Mapping[str, str]] = {
    "Content-Digest": "Sidik isi · Digest of the content (RFC 9530)",
    "Signature-Input": "Yang ditandatangani · Signed components and key (RFC 9421)",
    "Signature": "Tanda tangan · The signature (RFC 9421)",
}


def _header(name: str) -> Json:
    return {"description": _SIGNED_BY[name], "schema": {"type": "string"}}


def _security() -> Json:
    return {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "HTTP Message Signatures (RFC 9421), HMAC-SHA256 · lihat `info.description`",
    }


def _parameters() -> Json:
    signed = {name: {"name": name, "in": "header", "required": True, **_header(name)} for name in _SIGNED_BY}
    named = {
        "resource": ("Jenis data · Name of the resource", sorted(RESOURCES)),
        "name": ("Nama perintah · Name of the command", sorted(COMMANDS)),
    }
    return signed | {
        name: {
            "name": name,
            "in": "path",
            "required": True,
            "description": description,
            "schema": {"type": "string", "enum": choices},
        }
        for name, (description, choices) in named.items()
    }


def _problem() -> Json:
    schema = {"$ref": f"{_REF}{wire.AdapterProblem.__name__}"}
    return {
        "description": "Tidak ada jawaban · No answer",
        "headers": {"Retry-After": {"description": "Detik · Seconds", "schema": {"type": "integer"}}},
        "content": {"application/problem+json": {"schema": schema}},
    }


def _paths() -> Json:
    return {operation.path: {operation.verb: _described(operation)} for operation in OPERATIONS}


def _described(operation: Operation) -> Json:
    asked = (
        {} if operation.asked is None else {"requestBody": {"required": True, "content": _content((operation.asked,))}}
    )
    return {
        "operationId": operation.id,
        "tags": ["adapter"],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _parameters_of(operation.path)],
        **asked,
        "responses": {"200": _answer(operation.answered), "default": {"$ref": "#/components/responses/Problem"}},
    }


def _parameters_of(path: str) -> Iterable[str]:
    yield from (name for name in ("resource", "name") if f"{{{name}}}" in path)
    yield from _SIGNED_BY


def _answer(models: tuple[type[BaseModel], ...]) -> Json:
    return {
        "description": "Jawaban · Answer",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _SIGNED_BY},
        "content": _content(models),
    }


def _content(models: tuple[type[BaseModel], ...]) -> Json:
    refs = [{"$ref": f"{_REF}{model.__name__}"} for model in models]
    return {"application/json": {"schema": refs[0] if len(refs) == 1 else {"oneOf": refs}}}


def _schemas() -> Json:
    own = [model for operation in OPERATIONS for model in operation.models]
    bodies = [resource.body for resource in RESOURCES.values()]
    queries = [resource.query for resource in RESOURCES.values()]
    commands = list(COMMANDS.values())
    models: list[type[BaseModel]] = [*own, wire.AdapterProblem, *bodies, *queries, *commands]
    _, made = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], ref_template=f"{_REF}{{model}}"
    )
    schemas: Json = made["$defs"]
    # In the public API a text is a string in the reader's language; remote adapters send both languages.
    schemas["Text"] = {
        "title": "Text",
        "description": "A text for people in Indonesian and, where there is one, in English",
        "type": "object",
        "properties": {"id": {"type": "string"}, "en": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        "required": ["id"],
        "additionalProperties": False,
    }
    for name, member, choices in (("Item", "body", bodies), ("Ask", "query", queries), ("Write", "command", commands)):
        kept = {key: schemas[name]["properties"][member][key] for key in ("title", "description")}
        refs = [{"$ref": f"{_REF}{model.__name__}"} for model in sorted(choices, key=lambda model: model.__name__)]
        schemas[name]["properties"][member] = {**kept, "anyOf": refs}
    coordinates = schemas["Point"]["properties"]["coordinates"]
    coordinates["items"] = coordinates["prefixItems"][0]  # OpenAPI 3.0 has no prefixItems
    del schemas["JsonValue"]  # replaced by the references above
    return dict(sorted(schemas.items()))
