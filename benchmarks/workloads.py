"""The requests that are measured.

| name | request | what it needs |
| --- | --- | --- |
| `list` | `GET /v1/complaints?limit=10` | a public list, from what is held |
| `not-modified` | the same with `If-None-Match` | a comparison of tags |
| `one` | `GET /v1/me/applications` | one system (e-kelurahan), asked live for ten records of the caller |
| `three` | `GET /v1/me/cases` | three systems (e-kelurahan, LAPOR, SIPD), ten records each, merged |
| `few` | the same by residents with two records in each system | what a further record costs |
| `overview` | `GET /v1/me/overview` | nine questions to seven systems |

The systems of `one` and `three` were chosen since their answers can be replayed byte for byte: nothing in them depends
on the request but the resident. All personal requests are those of 64 residents in turn, each with an own token, so
that identical questions at the same time are rare and sharing their answers does not flatter the gateway.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.gerbang import Gerbang
from benchmarks.load import write_requests
from benchmarks.processes import BenchmarkError
from benchmarks.testbed import Resident


@dataclass(frozen=True, slots=True)
class Workload:
    """A kind of request: by a resident with an access token, or with the tag of the answer before."""

    name: str
    target: str
    signed_in: bool = False
    conditional: bool = False


LIST: Final = Workload("list", "/v1/complaints?limit=10")
NOT_MODIFIED: Final = Workload("not-modified", LIST.target, conditional=True)
ONE: Final = Workload("one", "/v1/me/applications", signed_in=True)
THREE: Final = Workload("three", "/v1/me/cases", signed_in=True)
FEW: Final = Workload("few", THREE.target, signed_in=True)
OVERVIEW: Final = Workload("overview", "/v1/me/overview", signed_in=True)
WORKLOADS: Final[Mapping[str, Workload]] = {one.name: one for one in (LIST, NOT_MODIFIED, ONE, THREE, FEW, OVERVIEW)}


def bearer(token: str) -> Mapping[str, str]:
    """The header with an access token."""
    return {"Authorization": f"Bearer {token}"}


def requests_for(gateway: Gerbang, workload: Workload, people: Sequence[Resident]) -> Path:
    """Write the requests of a workload to this gateway, with tokens that live, or the tag that the list has now."""
    path = gateway.home / f"{workload.name}.requests"
    if workload.signed_in:
        tokens = gateway.tokens(people)
        least = min(one.records for one in people) if workload == FEW else max(one.records for one in people)
        chosen = [one for one in people if one.records == least]
        return write_requests(path, ((workload.target, bearer(tokens[one.account])) for one in chosen))
    if workload.conditional:
        status, headers, _ = gateway.get(workload.target)
        if status != 200 or "etag" not in headers:
            raise BenchmarkError(f"{workload.target} has no tag: status {status}.")
        return write_requests(path, [(workload.target, {"If-None-Match": headers["etag"]})])
    return write_requests(path, [(workload.target, {})])


def warm_up(gateway: Gerbang, people: Sequence[Resident]) -> None:
    """Send each personal request of each resident once, and check that its answer is complete.

    The backend records the systems' answers meanwhile. Raises `BenchmarkError` for an answer that lacks records.
    """
    tokens = gateway.tokens(people)

    def check(resident: Resident) -> None:
        headers = bearer(tokens[resident.account])
        expected = {ONE: resident.records, THREE: 3 * resident.records, OVERVIEW: 3 * resident.records}
        for workload, least in expected.items():
            status, _, body = gateway.get(workload.target, headers)
            answer: dict[str, Any] = json.loads(body)
            if status != 200 or not answer["complete"] or len(answer["items"]) < least:
                raise BenchmarkError(
                    f"{workload.target} does not answer in full: {status}, {answer.get('sources', answer)}"
                )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(check, people))
    status, _, body = gateway.get(LIST.target)
    if status != 200 or not json.loads(body)["items"]:
        raise BenchmarkError(f"{LIST.target} does not answer: {status}.")
