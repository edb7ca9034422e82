"""One adapter before its twin: everything that the rules are handed, found out once and kept."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from adapters.contract import AdapterSpec, OfficeSettings
from conformance.city import Twin, TwinOffice
from conformance.exploring import Explored, explore
from conformance.outcomes import Outcome, put
from conformance.questions import Question
from conformance.watching import CANARY, Watch, personal_texts, secrets_of
from conformance.way import Keyring, Way
from schemas.texts import KEEP

WITHIN = 10.0
"""Seconds for a question that nothing disturbs."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """What is checked: the table of rows, the package that it stands in, and the folder of its golden pairs.

    `fixtures` is None where there is no source checkout in which to look for one. `remote`: the adapter is a service of
    its own, and the package is the gateway's side of all such services.
    """

    spec: AdapterSpec[Any]
    package: ModuleType
    fixtures: Path | None = None
    remote: bool = False

    @property
    def folder(self) -> Path:
        """The package's folder."""
        return Path(self.package.__path__[0])

    @property
    def name(self) -> str:
        """The package's own name, without those above it."""
        return self.package.__name__.rpartition(".")[2]


@dataclass(slots=True)
class Bench:
    """An adapter, its twin if one runs, a folder to work in, and what was heard and found out so far."""

    adapter: Adapter
    work: Path
    twin: Twin | None = None
    watch: Watch = field(default_factory=Watch)
    keyrings: dict[str | None, Keyring] = field(default_factory=dict)
    attacked: bool = False
    _explored: tuple[Explored, ...] | None = None
    _exploring: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def spec(self) -> AdapterSpec[Any]:
        """The adapter's table."""
        return self.adapter.spec

    @property
    def offices(self) -> tuple[TwinOffice, ...]:
        """The offices of the running twin; none when none runs."""
        return self.twin.offices if self.twin else ()

    def way(self, office: TwinOffice, settings: OfficeSettings | None = None, keyring: Keyring | None = None) -> Way:
        """A new way to an office, with its own settings and the session that it has given, or with others."""
        kept = keyring or self.keyrings.setdefault(office.id, Keyring())
        return Way(self.spec, office.id, settings or office.settings, kept)

    async def put(self, question: Question, way: Way, within: float = WITHIN) -> Outcome:
        """Put a question, and hear everything that is told about it."""
        outcome = await put(question, way, within)
        self.watch.hear(f"the question “{question.name}”", outcome.told)
        return outcome

    async def explored(self) -> tuple[Explored, ...]:
        """Every question that makes sense, put once while nothing was disturbed."""
        async with self._exploring:
            if self._explored is None:
                self._explored = await explore(self)
            return self._explored

    def secrets(self) -> Mapping[str, str]:
        """What must not be told, each with a name that may be: secrets, numbers and the texts of personal fields."""
        known = {CANARY: "the canary in a damaged answer"}
        for one in self._of_rows(public=False):
            for body in one.outcome.bodies:
                known |= {text: f"the field {name}" for text, name in personal_texts(body).items()}
        known |= {nik: f"the NIK of {name}" for name, nik in (self.twin.people if self.twin else {}).items() if nik}
        for office in self.offices:
            known |= {value: f"the setting {name}" for name, value in secrets_of(office.settings).items()}
        # What stands openly in settings or public records, such as the city's name, is nobody's secret.
        said = [repr(office.settings) for office in self.offices]
        said += [
            body.model_dump_json(context=KEEP) for one in self._of_rows(public=True) for body in one.outcome.bodies
        ]
        open_to_all = "\n".join(said)
        return {text: name for text, name in known.items() if text not in open_to_all}

    def _of_rows(self, *, public: bool) -> Iterator[Explored]:
        for one in self._explored or ():
            if one.question.row is not None and one.question.row.resource.public is public:
                yield one
