"""The OpenAPI document: what FastAPI knows of the routes, and what it does not (security, tags, servers, problems)."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.sso.scopes import SCOPES
from schemas.problem import Problem

_TAGS = (
    ("catalogue", "Layanan, dinas, wilayah · Services, agencies, regions"),
    ("me", "Data tentang pemegang token · What is known about the caller"),
    ("applications", "Permohonan surat dan layanan · Applications for letters and services"),
    ("health", "Fasilitas kesehatan, antrean, janji temu · Health facilities, queues, appointments"),
    ("enterprise", "Program dan usaha · Programmes and enterprises"),
    ("residents", "Pencarian penduduk oleh petugas · Look-up of residents by officers"),
    ("systems", "Sistem di balik gerbang · Systems behind the gateway"),
    ("operation", "Keadaan gerbang · Condition of the gateway"),
)
_DESCRIPTION = """\
Satu pintu ke semua aplikasi dinas Kota Banjarmasin. Setiap jawaban menyebut sistem mana yang menyumbang, seberapa baru
datanya, dan apa yang gagal beserta sebabnya.

One door to every application of the agencies of Kota Banjarmasin. Every answer says which systems contributed, how
fresh each is, and what failed and why.
"""


def describe(app: FastAPI, *, issuer: str, server: str = "/") -> dict[str, Any]:
    """The document for this app. `issuer` is where people sign in."""
    document = get_openapi(
        title="Gerbang",
        version="1.0.0",
        openapi_version="3.1.0",
        summary="Satu pintu ke semua aplikasi kota · One door to every application of the city",
        description=_DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS],
        servers=[{"url": server, "description": "Gerbang"}],
        contact={"name": "Diskominfotik Kota Banjarmasin"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    components["securitySchemes"] = {"signIn": _sign_in(issuer)}
    for operations in document["paths"].values():
        for operation in operations.values():
            _tidy(operation)
    return document


def _sign_in(issuer: str) -> dict[str, Any]:
    return {
        "type": "oauth2",
        "description": "Masuk sekali untuk semua aplikasi kota · Sign in once for every application of the city",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{issuer}/oauth2/authorize",
                "tokenUrl": f"{issuer}/oauth2/token",
                "refreshUrl": f"{issuer}/oauth2/token",
                "scopes": {scope.name: f"{scope.text_id} · {scope.text_en}" for scope in SCOPES.values()},
            }
        },
    }


def _tidy(operation: dict[str, Any]) -> None:
    """FastAPI names a validation answer that this API does not give: ours are problems."""
    answer = operation["responses"].get("422", {})
    if "application/json" in answer.get("content", {}):
        del answer["content"]["application/json"]
        answer["content"]["application/problem+json"] = {"schema": {"$ref": "#/components/schemas/Problem"}}
