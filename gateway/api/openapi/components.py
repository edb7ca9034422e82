"""Shared components of the OpenAPI document: headers, parameters, security schemes, and examples."""

from typing import Any, Final

from gateway.api.openapi.examples.answers import EXAMPLES
from gateway.api.openapi.examples.pages import as_json, example_sources, failed
from gateway.api.problems.definition import ProblemType
from gateway.api.problems.problem_types import PROBLEMS
from gateway.policy.scopes import SCOPES
from schemas.envelope import DENIAL_CAUSES, Cause, OfficeSource
from schemas.problem import FieldProblem, Problem

_TEXT: Final = {"type": "string"}

_HEADERS: Final[dict[str, tuple[str, str]]] = {
    "X-Request-Id": ("Nomor permintaan · Request id", "d534d097-3c44-4815-9a83-86ab79bdd0ad"),
    "Server-Timing": (
        "Waktu seluruhnya dan tiap sumber, milidetik · Total time and time of each source, in milliseconds",
        "total;dur=74.2, dukcapil;dur=36.0, e-kelurahan;dur=71.1",
    ),
    "RateLimit-Policy": (
        "Batas permintaan pemanggil ini: q permintaan dalam w detik · "
        "Limits of the requests of this caller: q requests in w seconds",
        '"personal-account";q=600;w=10, "personal-client";q=6000;w=10',
    ),
    "RateLimit": (
        "Sisa batas yang paling sempit: r permintaan; sebagian terpakai kembali sesudah t detik · "
        "What is left of the tightest limit: r requests; more of them after t seconds",
        '"personal-account";r=599;t=10',
    ),
    "Content-Language": ("Bahasa teks · Language of the texts", "id"),
    "Cache-Control": (
        "Boleh disimpan berapa lama, oleh siapa · How long the answer may be cached, and by whom",
        "private, no-store",
    ),
    "Vary": (
        "Header permintaan yang menentukan jawaban · Request headers on which the answer depends",
        "Accept-Language",
    ),
    "ETag": ("Penanda isi jawaban · Validator of the answer", 'W/"fe54b7f8491a3c9f27721427cbef0881"'),
    "Link": (
        'Halaman berikutnya, rel="next"; tidak ada di halaman terakhir. Pada CSV dan iCalendar juga JSON-nya, '
        'rel="alternate" · The next page, rel="next"; absent on the last page. With CSV and iCalendar also the JSON, '
        'rel="alternate"',
        '</v1/services?cursor=kursor_0a1b2c>; rel="next"',
    ),
    "Retry-After": ("Coba lagi sesudah sekian detik · Seconds after which to try again", "30"),
    "WWW-Authenticate": (
        "Apa yang kurang pada token atau cara masuk (RFC 6750, 9470) · "
        "Requirement that the token or the sign-in does not meet (RFC 6750, 9470)",
        'Bearer realm="gerbang", error="insufficient_scope", scope="profile.read"',
    ),
    "Preference-Applied": (
        "Batas waktu yang dipakai, bila diminta · The deadline in use, if one was requested",
        "wait=8",
    ),
    "Content-Disposition": (
        "Nama berkas untuk diunduh · Name of the file to download",
        'attachment; filename="surat.pdf"',
    ),
    "Gerbang-Complete": (
        "Pada CSV dan iCalendar: apakah setiap sumber menjawab utuh, ?1 atau ?0 · "
        "With CSV and iCalendar: whether every source answered completely, ?1 or ?0",
        "?1",
    ),
    "Gerbang-Sources": (
        "Pada CSV dan iCalendar: isi sources tanpa nama, sebagai daftar RFC 9651; kantor yang tidak menjawab utuh "
        "mengikuti sistemnya, dengan parameter office · "
        "With CSV and iCalendar: the contents of sources without names, as a list of RFC 9651; an office that did not "
        "answer in full follows its system, with the parameter office",
        'lapor;state="held";fetched_at="2026-11-23T09:14:03+08:00";items=12;set_aside=0',
    ),
}
_OPTIONAL_HEADERS: Final = {
    "Content-Disposition",
    "Gerbang-Complete",
    "Gerbang-Sources",
    "Link",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "WWW-Authenticate",
}

_EXAMPLE_ERRORS: Final = {
    "invalid-request": FieldProblem(pointer="query:limit", detail="paling besar 200"),
    "personal-number": FieldProblem(pointer="query:text", detail="tanpa nomor pribadi"),
    "not-acceptable": FieldProblem(pointer="header:Accept", detail="application/json, text/csv"),
}
"""The field problem in the example of a problem type, where it has one."""

_PARAMETERS: Final[dict[str, tuple[str, str, str]]] = {
    "Accept-Language": ("Bahasa teks: id atau en", "Language of the texts: id or en", "id"),
    "Prefer": (
        "wait=N: batas waktu dalam detik; Preference-Applied menyebut yang dipakai",
        "wait=N: the deadline in seconds; Preference-Applied has the one in use",
        "wait=8",
    ),
    "If-None-Match": (
        "ETag yang sudah dimiliki; 304 bila isinya belum berubah",
        "ETag of a stored answer; 304 if the contents have not changed",
        '"fe54b7f8491a3c9f27721427cbef0881"',
    ),
}


def components(issuer: str) -> dict[str, dict[str, Any]]:
    """Return the shared components. `issuer` is the provider's URL."""
    return {
        "headers": {name: _header(name, *texts) for name, texts in _HEADERS.items()},
        "parameters": {name: _parameter(name, *texts) for name, texts in _PARAMETERS.items()},
        "examples": _examples(issuer),
        "securitySchemes": {"signIn": _sign_in(issuer), "accessToken": _access_token(), "webSession": _web_session()},
    }


def _header(name: str, description: str, example: str) -> dict[str, Any]:
    required = {} if name in _OPTIONAL_HEADERS else {"required": True}
    return {"description": description, **required, "schema": {**_TEXT, "examples": [example]}}


def _parameter(name: str, indonesian: str, english: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "description": f"{indonesian} · {english}",
        "x-title": {"id": indonesian, "en": english},
        "schema": {**_TEXT, "examples": [example]},
    }


def _examples(issuer: str) -> dict[str, Any]:
    answers = {
        name: {"summary": f"{text.id} · {text.en}", "value": build()} for name, (text, build) in EXAMPLES.items()
    }
    problems = {
        kind.slug: {"summary": f"{kind.title.id} · {kind.title.en}", "value": _problem(kind, issuer)}
        for kind in PROBLEMS.values()
    }
    return answers | problems


def _problem(kind: ProblemType, issuer: str) -> dict[str, Any]:
    offices = _sources(kind.slug)
    sources = example_sources(offices).sources if offices else None
    error = _EXAMPLE_ERRORS.get(kind.slug)
    problem = Problem(
        type=f"{issuer}/problems/{kind.slug}",
        title=kind.title.id,
        status=kind.status,
        detail=kind.detail.id,
        instance="urn:uuid:6d1f1a1e-6a55-4b0e-8f0e-0d6f8f5f3c1a",
        request_id="d534d097-3c44-4815-9a83-86ab79bdd0ad",
        errors=None if error is None else (error,),
        sources=sources,
        complete=None if sources is None else False,
        scopes=("profile.read",) if kind.slug == "insufficient-scope" else None,
    )
    return as_json(problem, sparse=True)


def _sources(slug: str) -> tuple[OfficeSource, ...] | None:
    """Return the sources in the example of a problem that is answered when no system answered."""
    if slug == "sources-failed":
        return failed("e-kelurahan"), failed("e-puskesmas", "pekauman", cause=Cause.UNAVAILABLE)
    return (failed("e-kelurahan", cause=Cause(slug)),) if slug in set(Cause) - DENIAL_CAUSES else None


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


def _access_token() -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": (
            "Token akses yang sudah dimiliki, di header Authorization; dengan cakupan yang sama. Token yang terikat "
            "pada kunci (token_type DPoP) dikirim dengan skema DPoP dan bukti di header DPoP (RFC 9449) · "
            "An existing access token, in the Authorization header; with the same scopes. A token that is bound to a "
            "key (token_type DPoP) is sent with the scheme DPoP and a proof in the header DPoP (RFC 9449)"
        ),
    }


def _web_session() -> dict[str, Any]:
    return {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-gerbang-session",
        "description": (
            "Sesi halaman web di alamat ini sendiri, dibuka lewat /auth/login; yang mengubah sesuatu perlu header "
            "Gerbang-Request · The session of a web page of this origin, started at /auth/login; requests that change "
            "something need the header Gerbang-Request"
        ),
    }
