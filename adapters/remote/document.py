"""The adapter protocol as an OpenAPI 3.1 document, made of the models in `wire` and of the canonical schema."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.remote import wire
from adapters.remote.nouns import COMMANDS, RESOURCES
from adapters.remote.operations import OPERATIONS, Operation
from adapters.remote.vectors import vectors

Json = dict[str, Any]

_REF: Final = "#/components/schemas/"
_DESCRIPTION: Final = """\
Protokol adaptor jarak jauh: layanan dalam bahasa apa pun yang menjawab pertanyaan gerbang dengan rekaman kanonis.
Setiap permintaan ditandatangani gerbang, setiap jawaban ditandatangani adaptor; nomor pribadi hanya ada di dalam isi
pesan.

The protocol of remote adapters: a service in any language that answers the gateway's questions with canonical records.
The gateway signs every request, the adapter signs every answer; personal numbers stand in message bodies only.

## Tanda tangan · Signatures

HTTP Message Signatures (RFC 9421), HMAC-SHA256 over the bytes of the shared secret, one signature labelled `gerbang`.
`Content-Digest` (RFC 9530) is `sha-256` of the content as it is before any coding; of a GET, that of no content.

* A request covers `("@method" "@path" "content-digest")` with `created`, `nonce`, `keyid`, `alg="hmac-sha256"` and
  `tag="gerbang-adapter"`. The adapter refuses (401) what is not signed so, or was created more than 60 s from its own
  clock, and (409) a nonce that it has seen in the last five minutes.
* An answer covers `("@status" "content-digest" "signature";req;key="gerbang")` with `created`, `keyid`, `alg` and
  `tag`. The third component is the request's own signature: an old answer, or one to another request, does not fit.
  The gateway believes no answer with status 200 that is not signed so. Others need no signature: only their status
  counts.
* Parameters may stand in any order. `x-test-vectors` holds a whole request and answer with their signature bases.

## Jawaban bukan 200 · Other answers

401 and 403: the adapter does not know the gateway. 404 and 422: it refuses the question. 429 and 503, with
`Retry-After`: not now. 502 and 504: the system behind it failed. A resident of whom nothing is known is an empty page,
never a 404. An unknown member of a body, or a wrong type, costs the record: it is set aside, and the others go on.
"""


def document() -> Json:
    """The whole document."""
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
        "tags": [{"name": "adapter", "description": "Yang dijawab adaptor · What an adapter answers"}],
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
    "Signature-Input": "Yang ditandatangani · What is signed, and with which key (RFC 9421)",
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
            "description": says,
            "schema": {"type": "string", "enum": of},
        }
        for name, (says, of) in named.items()
    }


def _problem() -> Json:
    schema = {"$ref": f"{_REF}{wire.AdapterProblem.__name__}"}
    return {
        "description": "Tidak ada jawaban · There is no answer",
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
    # To readers of the public API a text is a string in their language; here both languages are asked for.
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
    coordinates["items"] = coordinates["prefixItems"][0]  # so that readers of OpenAPI 3.0 know it too
    del schemas["JsonValue"]  # stood only in their places
    return dict(sorted(schemas.items()))
