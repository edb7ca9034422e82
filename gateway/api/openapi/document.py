"""Builds the OpenAPI document: FastAPI's description of the routes, completed by titles, examples and components."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.api.openapi.components import components
from gateway.api.openapi.deferred import described_routes
from gateway.api.openapi.enumerations import REFERENCE, asked_schemas, references, separate_enumerations
from gateway.api.openapi.formats import FeatureCollection
from gateway.api.openapi.parameter_titles import title_of_parameter
from gateway.api.openapi.shapes import finish_schemas, titled, without_null
from gateway.api.version import API_VERSION
from schemas.problem import Problem

_TAGS: Final = (
    ("catalogue", "Layanan, dinas, wilayah, daftar kode · Services, agencies, regions, code lists"),
    ("search", "Pencarian di semua sistem · Search over all systems"),
    ("me", "Data tentang pemegang token · Data about the caller"),
    ("generic", "Data dari segala jenis · Records of every kind"),
    ("applications", "Permohonan surat dan layanan · Applications for letters and services"),
    ("health", "Fasilitas kesehatan, antrean, janji temu · Health facilities, queues, appointments"),
    ("enterprise", "Program dan usaha · Programmes and enterprises"),
    ("traffic", "Kejadian, kamera, keadaan lalu lintas · Incidents, cameras, conditions"),
    ("transit", "Rute, halte, keberangkatan, kendaraan · Routes, stops, departures, vehicles"),
    ("planning", "Rencana dan usulan · Plans and proposals"),
    ("complaints", "Aduan · Complaints"),
    ("consultations", "Konsultasi publik · Public consultations"),
    ("bills", "Tagihan · Bills"),
    ("residents", "Pencarian penduduk oleh petugas · Lookup of residents by officers"),
    ("systems", "Sistem di balik gerbang · Systems behind the gateway"),
    ("administration", "Pengelolaan gerbang · Administration of the gateway"),
    ("operation", "Keadaan gerbang · Health of the gateway"),
)
_DESCRIPTION: Final = """\
Satu pintu ke semua aplikasi dinas Kota Banjarmasin. Setiap jawaban menyebut sistem mana yang menyumbang, seberapa baru
datanya, dan apa yang gagal beserta sebabnya.

One API for every application of the agencies of Kota Banjarmasin. Every answer states which systems contributed, how
recent their data is, and which systems failed and why.

Setiap kolom berjudul dalam dua bahasa (`x-title`), begitu pula setiap nilai daftar (`x-value-titles`), dan menyebut
kelas datanya menurut UU 27/2022 (`x-data-class`: general, personal, specific). Jawaban boleh bertambah: kolom baru,
nilai baru di daftar, jenis data baru. Yang diminta diperiksa: nilai di luar `enum` ditolak.

Every field has a title in both languages (`x-title`), as has every value of an enumeration (`x-value-titles`), and
states its data class by Law 27/2022 (`x-data-class`: general, personal, specific). Answers may grow: new fields, new
values of enumerations, new resources. Requests are checked: a value that is not in `enum` is refused.
"""


def describe(app: FastAPI, *, issuer: str, server: str = "/") -> dict[str, Any]:
    """Return the OpenAPI document of this app. `issuer` is the provider's URL, `server` that of the API."""
    document = get_openapi(
        title="Gerbang",
        version=API_VERSION,
        openapi_version="3.1.0",
        summary="Satu pintu ke semua aplikasi kota · One API for every application of the city",
        description=_DESCRIPTION,
        routes=tuple(described_routes(app.routes)),
        tags=[{"name": name, "description": text} for name, text in _TAGS],
        servers=[{"url": server, "description": "Gerbang"}],
        contact={"name": "Diskominfotik Kota Banjarmasin"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schemas = document["components"]["schemas"]
    for model in (Problem, FeatureCollection):
        described = model.model_json_schema(mode="serialization", ref_template=REFERENCE + "{model}")
        schemas.update({**described.pop("$defs"), model.__name__: described})
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for operation in operations:
        name = operation["operationId"]
        operation["parameters"] = [_parameter(parameter, name) for parameter in operation.get("parameters", ())]
    asked = asked_schemas(document)
    finish_schemas(schemas, asked)
    separate_enumerations(document, asked)
    document["components"] = {"schemas": dict(sorted(schemas.items())), **components(issuer)}
    _remove_unused(document, "examples")
    return document


def _parameter(parameter: dict[str, Any], operation: str) -> dict[str, Any]:
    """Return a parameter with titles in both languages, and without null: a parameter is omitted, never null."""
    if "$ref" in parameter:
        return parameter
    text = title_of_parameter(parameter["name"], operation)
    schema = without_null(parameter["schema"])
    schema.pop("description", None)
    schema.pop("title", None)
    return {
        **parameter,
        "description": f"{text.id} · {text.en}",
        **titled(text),
        "schema": schema,
    }


def _remove_unused(document: dict[str, Any], kind: str) -> None:
    used = {reference["$ref"] for reference in references(document["paths"])}
    named = document["components"][kind]
    document["components"][kind] = {name: part for name, part in named.items() if f"#/components/{kind}/{name}" in used}
