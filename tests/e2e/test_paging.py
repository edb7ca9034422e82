"""Proof 5: paging with `limit=7` while records come and go: nothing twice, nothing missed, in order, to an end."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.e2e.conftest import OFFICER_PURPOSE, Demo, eventually
from tests.loops import examples

LIMIT = 7
_LINK = re.compile(r'<([^>]+)>; rel="next"')


@dataclass
class Walk:
    """Somebody going through the pages of one list."""

    demo: Demo
    path: str
    account: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cursor: str | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False
    expected: frozenset[str] = frozenset()

    def step(self) -> None:
        """Take the next page, and check what a page has to be."""
        query = f"?limit={LIMIT}" + (f"&cursor={self.cursor}" if self.cursor else "")
        response = self.demo.get(self.path + query, self.account, **self.headers)
        assert response.status_code == 200, response.text
        page = response.json()
        self.seen += page["items"]
        self.cursor, self.ended = page["next"], page["next"] is None
        assert len(page["items"]) == LIMIT or self.ended, "a page that is not the last is full"
        self._check_link(response.headers.get("link"))

    def _check_link(self, link: str | None) -> None:
        if self.ended:
            assert link is None
            return
        found = _LINK.fullmatch(link or "")
        assert found is not None
        parts = urlsplit(found[1])
        assert parts.path == self.path
        assert parse_qs(parts.query) == {"limit": [str(LIMIT)], "cursor": [self.cursor]}

    def finish(self) -> None:
        """Go on to the end, which comes."""
        for _ in range(100):
            if self.ended:
                return
            self.step()
        raise AssertionError("paging does not end")

    @property
    def ids(self) -> list[str]:
        """What was shown, in order."""
        return [item["id"] for item in self.seen]


# Programmes: public, paged over a snapshot that is renewed every few seconds


def programme_order(item: dict[str, Any]) -> tuple[int, str, str]:
    return -item["year"], item["name"], item["id"]


def programmes(demo: Demo) -> list[dict[str, Any]]:
    """All programmes on one page, as they are now."""
    return list(demo.get("/v1/programmes?limit=200").json()["items"])


class ProgrammesWalked:
    """Walks through the programmes while some are added and withdrawn, and the snapshot is renewed in between."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._simulator = demo.simulators()["wirausaha-baru"]
        self._random = Random(7)
        self.stable = frozenset(item["id"] for item in programmes(demo))
        self.walks: list[Walk] = []
        self._added: dict[str, str] = {}
        self._number = 0
        try:
            for change in (self._add, self._exchange):
                self._start_and_step()
                change()
                self._until_renewed()
            self._start_and_step()
            for walk in self.walks:
                walk.finish()
        finally:
            while self._added:
                self._simulator.withdraw(self._added.popitem()[1])

    def _start_and_step(self) -> None:
        self.walks += [Walk(self._demo, "/v1/programmes") for _ in range(3)]
        for walk in self.walks:
            if not walk.ended and (not walk.seen or self._random.random() < 0.5):
                walk.step()

    def _add(self) -> None:
        # One before all that there is, one behind, and some between.
        for year in (2030, 2025, 2024, 2016):
            self._number += 1
            name = f"Program Uji {self._random.choice('AMZ')} {self._number}"
            self._added[name] = self._simulator.add(kind="programme", agency="dinas-koperasi", year=year, name=name)

    def _exchange(self) -> None:
        for name in list(self._added)[::2]:
            self._simulator.withdraw(self._added.pop(name))
        self._add()

    def _until_renewed(self) -> None:
        def ours() -> set[str]:
            return {item["name"] for item in programmes(self._demo) if "Uji" in item["name"]}

        eventually(ours, lambda shown: shown == set(self._added))


# Applications: an officer's own result, asked live and held for the pages


def application_order(item: dict[str, Any]) -> tuple[float, str]:
    """Newest first; what is unknown comes last."""
    at = item["submitted_at"]
    return -datetime.fromisoformat(at).timestamp() if at else float("inf"), item["id"]


class Counter(RuleBasedStateMachine):
    """The counter of the kelurahan goes on working while an officer turns pages."""

    def __init__(self, demo: Demo) -> None:
        super().__init__()
        self._demo = demo
        self._simulator = demo.simulators()["e-kelurahan"]
        self._number = 0
        self._added: dict[str, str] = {}
        self._walks: list[Walk] = []
        self._first = frozenset(self._listed().values())

    def _listed(self) -> dict[str, str]:
        """What the officer sees now on one page, ids by purpose where a purpose is one of ours."""
        answer = self._demo.get("/v1/applications?limit=200", "officer-mantuil", **OFFICER_PURPOSE).json()
        assert answer["next"] is None
        named = ((item["text"], item["id"]) for item in answer["items"])
        return {purpose if "Uji halaman" in (purpose or "") else one: one for purpose, one in named}

    @rule(days=st.floats(min_value=0, max_value=900), stage=st.sampled_from(["diajukan", "ditolak"]))
    def add(self, days: float, stage: str) -> None:
        self._number += 1
        purpose = f"Uji halaman {id(self)} {self._number}"
        record = {"kind": "permohonan", "kelurahan": "Mantuil", "keperluan": purpose, "tahap": stage, "hari": days}
        self._added[purpose] = self._simulator.add(**record)

    @precondition(lambda self: self._added)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        self._simulator.withdraw(self._added.pop(data.draw(st.sampled_from(sorted(self._added)))))

    @precondition(lambda self: len(self._walks) < 4)
    @rule()
    def start(self) -> None:
        listed = self._listed()
        assert {purpose for purpose in listed if "Uji halaman" in purpose} == set(self._added)
        assert self._first <= set(listed.values())
        walk = Walk(self._demo, "/v1/applications", "officer-mantuil", OFFICER_PURPOSE)
        walk.expected = frozenset(listed.values())
        walk.step()
        self._walks.append(walk)

    @precondition(lambda self: any(not walk.ended for walk in self._walks))
    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        going = [number for number, walk in enumerate(self._walks) if not walk.ended]
        self._walks[data.draw(st.sampled_from(going))].step()

    def teardown(self) -> None:
        while self._added:
            self._simulator.withdraw(self._added.popitem()[1])
        for walk in self._walks:
            walk.finish()
            assert len(set(walk.ids)) == len(walk.ids), "an application was shown twice"
            assert set(walk.ids) == walk.expected, "the pages are not the list that was asked for"
            assert [application_order(item) for item in walk.seen] == sorted(map(application_order, walk.seen))
            assert {item["location"]["region"]["code"] for item in walk.seen} == {"63.71.01.1001"}


def test_applications_are_paged_as_they_were_asked_for(demo: Demo) -> None:
    profile = settings(max_examples=examples(2), stateful_step_count=20, deadline=None, database=None, print_blob=True)
    run_state_machine_as_test(lambda: Counter(demo), settings=profile)


def test_a_cursor_opens_nothing_for_anybody_else(demo: Demo) -> None:
    first = demo.get(f"/v1/applications?limit={LIMIT}", "officer-mantuil", **OFFICER_PURPOSE).json()["next"]
    tampered = first[:-2] + ("AA" if not first.endswith("AA") else "BB")
    for path, account, headers in (
        (f"/v1/me/applications?limit={LIMIT}&cursor={first}", "resident", {}),
        (f"/v1/applications?limit={LIMIT}&cursor={first}&status=rejected", "officer-mantuil", OFFICER_PURPOSE),
        (f"/v1/applications?limit={LIMIT}&cursor={tampered}", "officer-mantuil", OFFICER_PURPOSE),
        (f"/v1/programmes?limit={LIMIT}&cursor={first}", None, {}),
    ):
        answer = demo.get(path, account, **headers)
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("/problems/cursor-invalid")


def test_programmes_are_paged_while_they_come_and_go(demo: Demo) -> None:
    walked = ProgrammesWalked(demo)
    assert len(walked.walks) == 9
    for walk in walked.walks:
        assert walk.ended
        assert len(set(walk.ids)) == len(walk.ids), "a programme was shown twice"
        assert walked.stable <= set(walk.ids), "a programme that was there all the time was missed"
        assert [programme_order(item) for item in walk.seen] == sorted(map(programme_order, walk.seen))
        others = [item["name"] for item in walk.seen if item["id"] not in walked.stable]
        assert [name for name in others if not name.startswith("Program Uji")] == []
    assert any(set(walk.ids) - walked.stable for walk in walked.walks), "no walk met a programme that was added"
