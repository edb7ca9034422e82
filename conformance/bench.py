"""One adapter before its twin: everything that the rules are handed, found out once and kept."""

import asyncio
from collections.abc import Mapping
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

WITHIN = 10.0
"""Seconds for a question that nothing disturbs."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """What is checked: the table of rows, the package that it stands in, and the folder of its golden pairs.

    `fixtures` is None where there is no source checkout in which to look for one.
    """

    spec: AdapterSpec[Any]
    package: ModuleType
    fixtures: Path | None = None

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
        """What must not be told, each under a name that may."""
        known = {"the canary": CANARY}
        for office in self.offices:
            where = f" of {office.id}" if office.id else ""
            known |= {f"the setting {name}{where}": value for name, value in secrets_of(office.settings).items()}
        people = self.twin.people if self.twin else {}
        known |= {f"the NIK of {name}": nik for name, nik in people.items() if nik}
        texts = {
            text
            for one in self._explored or ()
            if one.question.row is not None and not one.question.row.resource.public
            for body in one.outcome.bodies
            for text in personal_texts(body)
        }
        return known | {f"a personal field ({number})": text for number, text in enumerate(sorted(texts), start=1)}
