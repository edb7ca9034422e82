"""The requests to the three systems, as the gateway's adapters send them, so that the backend has recorded them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Question:
    """A POST request: address, headers, and body."""

    url: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Systems:
    """Addresses and tokens of the systems; `held` is the file with the body of the list.

    `origin` is the port of the server that serves the list, of which nginx keeps a copy.
    """

    applications_url: str
    complaints_url: str
    complaints_token: str = field(repr=False)
    proposals_url: str
    proposals_token: str = field(repr=False)
    held: Path
    tag: str
    origin: int

    @classmethod
    def read(cls, path: str) -> "Systems":
        """Read the file that all peers are configured by."""
        given: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
        return cls(**{**given, "held": Path(given["held"])})

    def applications(self, nik: str) -> Question:
        """The applications of a resident."""
        headers = {"content-type": FORM, "x-requested-with": "XMLHttpRequest", "cookie": "ci_session=peer"}
        return Question(self.applications_url, headers, urlencode({"nik": nik, "start": "0", "length": "50"}))

    def complaints(self, nik: str) -> Question:
        """The reports of a resident."""
        body = urlencode({"page": "1", "nik": nik, "perpage": "10"})
        return Question(self.complaints_url, {"content-type": FORM, "keytoken": self.complaints_token}, body)

    def proposals(self, nik: str) -> Question:
        """The proposals of a resident."""
        headers = {"content-type": "application/json", "authentication": f"Bearer {self.proposals_token}"}
        return Question(self.proposals_url, headers, json.dumps({"start": 0, "limit": 20, "nik": nik}))
