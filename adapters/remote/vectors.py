"""Test vectors: one signed request and its answer, step by step, for comparison by implementations in any language.

The secret, the nonce and the personal number are invented.
"""

from typing import Any, Final

from adapters.remote.signing import Key, Signed, answer_base, digest_of, request_base, sign_request

_KEY: Final = Key("gerbang", "rahasia-contoh-bukan-untuk-dipakai-0123456789")
_PATH: Final = "/reads/bill/ask"
_CREATED: Final = 1_795_392_000
_NONCE: Final = "Y29udG9oLW5vbmNlLTE2"
_ASKED: Final = b'{"subject":{"nik":"6371994502900011","kk":null,"phone":null},"query":{"year":2026},"mark":null}'
_ANSWERED: Final = b'{"items":[],"as_of":null,"next":null}'


def vectors() -> dict[str, Any]:
    """Return the vectors, as they are included in the document."""
    asked = sign_request(_KEY, "POST", _PATH, _ASKED, created=_CREATED, nonce=_NONCE)
    return {
        "key": {"keyid": _KEY.id, "secret": _KEY.secret},
        "request": {
            "method": "POST",
            "path": _PATH,
            "content": _ASKED.decode(),
            "headers": dict(asked.headers),
            "signature_base": request_base("POST", _PATH, _ASKED, _parameters(asked.headers)),
        },
        "answer": _answer(asked),
    }


def _answer(asked: Signed) -> dict[str, Any]:
    parameters = (
        '("@status" "content-digest" "signature";req;key="gerbang")'
        f';created={_CREATED + 1};keyid="{_KEY.id}";alg="hmac-sha256";tag="gerbang-adapter"'
    )
    base = answer_base(asked, 200, _ANSWERED, parameters)
    headers = {
        "content-digest": digest_of(_ANSWERED),
        "signature-input": f"gerbang={parameters}",
        "signature": f"gerbang=:{_KEY.sign(base)}:",
    }
    return {"status": 200, "content": _ANSWERED.decode(), "headers": headers, "signature_base": base}


def _parameters(headers: Any) -> str:  # noqa: ANN401 - a mapping of texts
    return str(headers["signature-input"]).removeprefix("gerbang=")
