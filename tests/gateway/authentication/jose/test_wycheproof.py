"""Project Wycheproof's vectors for JSON Web Signatures and key sets, judged by our own verification.

`wycheproof.json` names their source, commit and licence. What a vector calls valid is accepted and what it calls
invalid is refused, but for what we refuse beyond the standard: every one of those is listed here with its reason.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.authentication.jose import PublicKey, TokenRefusedError, read_keys, verify
from gateway.authentication.jose.tokens import check_signature

PUBLISHED: dict[str, Any] = json.loads(Path(__file__).with_name("wycheproof.json").read_text("utf-8"))
SIGNATURES, KEYS = "json_web_signature_test", "json_web_key_test"

STRICTER = {
    **dict.fromkeys([(SIGNATURES, 1), (SIGNATURES, 357), (SIGNATURES, 358)], "HMAC: we accept no shared secrets"),
    **dict.fromkeys([(SIGNATURES, 348), (SIGNATURES, 352)], "HMAC: we accept no shared secrets"),
    **dict.fromkeys([(KEYS, 2), (KEYS, 13), (KEYS, 14), (KEYS, 15)], "HMAC: we accept no shared secrets"),
    **dict.fromkeys([(SIGNATURES, 346), (SIGNATURES, 350)], "signed with PS384 by a key that says it is for PS256"),
    **dict.fromkeys([(SIGNATURES, 347), (SIGNATURES, 351)], "a key that says it is for ES521, which does not exist"),
}

CASES = [
    pytest.param(group, vector, id=f"{group['file'].split('_')[2]}-{vector['tcId']}-{vector['comment'].split(':')[0]}")
    for group in PUBLISHED["groups"]
    for vector in group["vectors"]
]


def usable(group: dict[str, Any]) -> list[PublicKey]:
    """The keys of a group that we would verify with; none when the set is refused whole or its key left out."""
    try:
        return list(read_keys(json.dumps({"keys": group["keys"]}).encode()).values())
    except TokenRefusedError:
        return []


def is_signed(token: str, key: PublicKey) -> bool:
    try:
        check_signature(token, key, key.algorithms)
    except TokenRefusedError:
        return False
    return True


@pytest.mark.parametrize(("group", "vector"), CASES)
def test_d27_wycheproof(group: dict[str, Any], vector: dict[str, Any]) -> None:
    accepted = any(is_signed(vector["jws"], key) for key in usable(group))
    is_stricter = (group["file"], vector["tcId"]) in STRICTER
    assert accepted is (vector["result"] == "valid" and not is_stricter)


@pytest.mark.parametrize(("group", "vector"), [case for case in CASES if case.values[1]["result"] == "invalid"])
def test_d27_wycheproof_whole_tokens(group: dict[str, Any], vector: dict[str, Any]) -> None:
    """Nothing that is invalid is a token, whatever it says of its type, its algorithm and its key."""
    for key in usable(group):
        with pytest.raises(TokenRefusedError):
            verify(vector["jws"], key, algorithms=key.algorithms, types={"", "jwt", "at+jwt"})


def test_d27_the_vectors_reach_what_we_accept_and_what_we_refuse() -> None:
    """Else the file could shrink to vectors that are refused for a reason of no interest."""
    judged = {
        algorithm: {
            vector["result"]
            for group in PUBLISHED["groups"]
            for vector in group["vectors"]
            if any(algorithm in key.algorithms for key in usable(group))
        }
        for algorithm in ("RS256", "PS256", "PS384", "PS512", "ES256")
    }
    assert all(results == {"valid", "invalid"} for results in judged.values()), judged
    assert len(CASES) > 180
    kept = {(group["file"], vector["tcId"]) for group in PUBLISHED["groups"] for vector in group["vectors"]}
    assert STRICTER.keys() <= kept
