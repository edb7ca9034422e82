"""The input of every rule: one adapter, its running simulator, and the results that rules share."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from adapters.contract import AdapterSpec, OfficeSettings
from conformance.exploration import ExploredQuestion, explore
from conformance.leaks import CANARY, LeakDetector, personal_texts, secrets_of
from conformance.mutation.recordings import RecordedQuestion, record
from conformance.outcomes import NormalisationCache, Outcome, ask_question
from conformance.question_route import CallFactory, QuestionRoute, SessionCache
from conformance.questions import Question
from conformance.simulator_process import Simulator, SimulatorOffice
from schemas.texts import KEEP

WITHIN = 10.0
"""Seconds for a question to an undamaged system."""

DAMAGES = 150
"""Default number of generated damages."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """The adapter under test: its table of rows, its package, and the folder of its golden pairs.

    `fixtures` is None without a source checkout. `remote`: the adapter is a separate service, and the package is the
    gateway's client of such services. `installed`: the adapter comes from a distribution, whose package may have any
    name.
    """

    spec: AdapterSpec[Any]
    package: ModuleType
    fixtures: Path | None = None
    remote: bool = False
    installed: bool = False

    @property
    def folder(self) -> Path:
        """The package's folder."""
        return Path(self.package.__path__[0])

    @property
    def name(self) -> str:
        """The last part of the package's name."""
        return self.package.__name__.rpartition(".")[2]


@dataclass(slots=True)
class CheckContext:
    """An adapter, its simulator (if one runs), a working folder, and the results so far.

    `damages`: number of damages per generating rule. `shared_results`: values that rules share, by name.
    """

    adapter: Adapter
    work: Path
    simulator: Simulator | None = None
    leak_detector: LeakDetector = field(default_factory=LeakDetector)
    session_caches: dict[str | None, SessionCache] = field(default_factory=dict)
    hostile_answers_sent: bool = False
    damages: int = DAMAGES
    shared_results: dict[str, Any] = field(default_factory=dict)
    _explored: tuple[ExploredQuestion, ...] | None = None
    _recorded: tuple[RecordedQuestion, ...] | None = None
    _exploring: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def spec(self) -> AdapterSpec[Any]:
        """The adapter's spec."""
        return self.adapter.spec

    @property
    def offices(self) -> tuple[SimulatorOffice, ...]:
        """The offices of the running simulator; empty without one."""
        return self.simulator.offices if self.simulator else ()

    @property
    def fields(self) -> int:
        """How many fields of one list are damaged, one at a time."""
        return max(1, self.damages // 10)

    def route(
        self, office: SimulatorOffice, settings: OfficeSettings | None = None, session_cache: SessionCache | None = None
    ) -> QuestionRoute:
        """Return a new route to an office.

        Defaults: the office's own settings, and the cached sessions of the office.
        """
        cache = session_cache or self.session_caches.setdefault(office.id, SessionCache())
        return QuestionRoute(self.spec, office.id, settings or office.settings, cache)

    async def ask(
        self, question: Question, route: CallFactory, within: float = WITHIN, *, cache: NormalisationCache | None = None
    ) -> Outcome:
        """Ask one question and record every text that an operator could see about it."""
        outcome = await ask_question(question, route, within, cache=cache)
        self.leak_detector.add_texts(f"the question “{question.name}”", outcome.texts)
        return outcome

    async def explored(self, *, refresh: bool = False) -> tuple[ExploredQuestion, ...]:
        """Return the outcomes of all questions, asked once of the undisturbed simulator.

        `refresh` asks them again.
        """
        async with self._exploring:
            if self._explored is None or refresh:
                self._explored = await explore(self)
            return self._explored

    async def recorded(self) -> tuple[RecordedQuestion, ...]:
        """Return the recorded answers to each kind of question; they are recorded once."""
        if self._recorded is None:
            self._recorded = await record(self)
        return self._recorded

    def secrets(self) -> Mapping[str, str]:
        """Return the texts that must not be logged, each with a name that may be shown in a report.

        They are secret settings, the NIKs of known people, and the texts of personal fields.
        """
        known = {CANARY: "the canary in a damaged answer"}
        for explored_question in self._of_rows(public=False):
            for body in explored_question.outcome.bodies:
                known |= {text: f"the field {name}" for text, name in personal_texts(body).items()}
        known |= {
            nik: f"the NIK of {name}" for name, nik in (self.simulator.people if self.simulator else {}).items() if nik
        }
        for office in self.offices:
            known |= {value: f"the setting {name}" for name, value in secrets_of(office.settings).items()}
        # A text that is also in a public setting or a public record, such as the city's name, is no secret.
        public_texts = [repr(office.settings) for office in self.offices]
        public_texts += [
            body.model_dump_json(context=KEEP)
            for explored_question in self._of_rows(public=True)
            for body in explored_question.outcome.bodies
        ]
        all_public_texts = "\n".join(public_texts)
        return {text: name for text, name in known.items() if text not in all_public_texts}

    def _of_rows(self, *, public: bool) -> Iterator[ExploredQuestion]:
        for explored_question in self._explored or ():
            if explored_question.question.row is not None and explored_question.question.row.resource.public is public:
                yield explored_question
