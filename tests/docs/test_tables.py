"""The tables of the pages are complete: settings, log fields, problems, states, routes, the security checklist."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from adapters import errors
from gateway.api.problems.problem_types import PROBLEMS
from gateway.app import create_app
from gateway.authentication.settings import LoginIssuer, TokenIssuer
from gateway.observability import log_lines as telemetry
from gateway.policy.scopes import SCOPES
from gateway.registry.registry import Registry
from gateway.server.operator_address import CONNECTION_FAMILIES
from gateway.settings import Settings
from schemas.envelope import Cause, SourceState
from simulators.faults import FaultKind
from simulators.spec import SimulatorSpec
from tests.gateway.fakes import AGENCIES

ROOT = Path(__file__).resolve().parent.parent.parent
ITEMS = range(1, 74)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(name: str, heading: str, number: int = 1) -> list[list[str]]:
    """The cells of a table below a heading, the first or another, without its head."""
    below = f"\n{page(name)}".partition(f"\n{heading}\n")[2]
    assert below, f"{name} has no heading {heading}"
    tables = re.findall(r"^\|.*\|$(?:\n^\|.*\|$)+", below, re.MULTILINE)
    assert len(tables) >= number, f"{name} has no such table below {heading}"
    lines = tables[number - 1].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def written(value: Any) -> str:
    """A default as an operator writes it."""
    if value is None:
        return "–"
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        hours, minutes = seconds / 3600, seconds / 60
        return f"`PT{hours:.0f}H`" if hours >= 1 else f"`PT{minutes:.0f}M`" if minutes >= 1 else f"`PT{seconds:g}S`"
    if isinstance(value, tuple):
        return f"`{json.dumps([str(part) for part in value])}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def settings(model: type[BaseModel], prefix: str = "GERBANG_") -> Iterator[list[str]]:
    """Every setting: its variable, its default, what it is."""
    for name, info in model.model_fields.items():
        if isinstance(info.default, BaseModel):
            yield from settings(type(info.default), f"{prefix}{name.upper()}__")
        else:
            yield [f"`{prefix}{name.upper()}`", written(info.default), str(info.description)]


def test_every_setting_is_described_for_operators() -> None:
    expected = [" | ".join(cells) for cells in settings(Settings)]
    assert [" | ".join(cells) for cells in rows("docs/operators.md", "## Settings")] == expected


@pytest.mark.parametrize(("name", "model"), [("login_issuers", LoginIssuer), ("token_issuers", TokenIssuer)])
def test_every_setting_of_another_issuer_is_described(name: str, model: type[BaseModel]) -> None:
    heading = "## Signing in elsewhere" if model is LoginIssuer else "### Tokens of other issuers"
    assert f"| in `[{name}.<name>]` |" in page("docs/operators.md")
    expected = [
        [f"`{field}`", "–" if info.is_required() else written(info.default), str(info.description)]
        for field, info in model.model_fields.items()
    ]
    assert rows("docs/operators.md", heading) == expected


def test_every_field_of_a_log_line_is_described() -> None:
    named = [field for cells in rows("docs/operators.md", "## Logs") for field in re.findall(r"`(\w+)`", cells[0])]
    assert sorted(named) == sorted({"at", "level", "logger", "message", *telemetry.FIELDS})


def test_every_metric_is_described(tmp_path: Path) -> None:
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    app = create_app(Settings(mode="demo", home=tmp_path, port=8000, agencies=agencies), registry=Registry(()))
    metrics = app.state.deps.metrics
    metrics.add_source(CONNECTION_FAMILIES, list)
    assert [" | ".join(cells) for cells in rows("docs/operators.md", "## Metrics")] == [
        f"`{family.name}` | {family.kind} | {', '.join(f'`{label}`' for label in family.labels) or '–'} | {family.help}"
        for family in metrics.families
    ]


def systems_meant(cell: str, simulators: dict[str, SimulatorSpec]) -> set[str]:
    """Which systems a cell of the table of faults names."""
    named = set(re.findall(r"`([a-z-]+)`", cell))
    if not cell.startswith("all"):
        return named
    servers = {one for one, spec in simulators.items() if not (spec.drops or spec.database)}
    return (servers if "servers" in cell else set(simulators)) - named


def test_every_fault_of_every_simulator_is_described() -> None:
    specs = [
        import_module(f"simulators.{path.parent.name}.simulator").SIMULATOR
        for path in ROOT.glob("simulators/*/simulator.py")
    ]
    # One that has just been made (tests/gateway/scaffold) is in no page yet.
    simulators = {spec.id: spec for spec in specs if f"`{spec.id}`" in page("docs/README.md")}
    table = rows("docs/operators.md", "## The demo's commands")
    expected = {kind: {one for one, spec in simulators.items() if kind in spec.faults} for kind in FaultKind}
    del expected[FaultKind.NONE]
    assert {cells[0].strip("`"): systems_meant(cells[2], simulators) for cells in table} == expected


def test_every_type_of_problem_is_listed() -> None:
    listed = [(cells[0].strip("`"), int(cells[1])) for cells in rows("docs/integrators.md", "## Problem types")]
    assert listed == sorted((kind.slug, kind.status) for kind in PROBLEMS.values())


def test_every_state_cause_and_error_is_explained() -> None:
    table = rows("docs/frontend.md", "### States of the sources")
    assert {cells[0].strip("`") for cells in table} == {state.value for state in SourceState}
    for cause in Cause:
        assert f"`{cause.value}`" in page("docs/frontend.md")
    for name in errors.__all__:
        if name.endswith("Error") and name != "AdapterError":
            assert f"`{name}`" in page("docs/adapters.md")


def test_the_table_of_routes_says_what_the_document_says() -> None:
    paths = json.loads(page("openapi/gerbang.json"))["paths"]
    expected = {
        (path if method == "get" else f"{method.upper()} {path}"): operation
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith("/v1/")
    }
    table = {cells[0].strip("`"): cells for cells in rows("docs/frontend.md", "## Routes")}
    assert set(table) == set(expected)
    for path, operation in expected.items():
        needed = {scope for way in operation["security"] for scopes in way.values() for scope in scopes}
        first = table[path][1].partition(";")[0]
        assert set(re.findall(r"`([a-z.-]+)`", first)) == needed, path
        assert first == "public" or needed, path
        filters = {p["name"] for p in operation.get("parameters", ()) if p.get("in") == "query"} - {"limit", "cursor"}
        assert filters == set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)|body:.*", "", table[path][2]))), path


def test_every_scope_is_named() -> None:
    assert {cells[0].strip("`") for cells in rows("docs/integrators.md", "## Scopes")} == set(SCOPES)


def test_every_item_of_the_checklist_has_its_state_and_its_tests_exist() -> None:
    found: dict[int, list[str]] = {}
    for section in re.findall(r"^### (.*)$", page("docs/security.md"), re.MULTILINE):
        for cells in rows("docs/security.md", f"### {section}"):
            assert int(cells[0]) not in found, cells[0]
            found[int(cells[0])] = cells
    assert list(found) == list(ITEMS)
    states = [cells[2] for cells in found.values()]
    met, partly, missing = (states.count(state) for state in ("met", "partly", "not yet"))
    assert f"Sekarang: {met} dipenuhi, {partly} sebagian, {missing} belum." in page("docs/security.md")
    assert f"Of 73 items {met} are met, {partly} partly, {missing} not yet." in " ".join(
        page("docs/security.md").split()
    )
    for number, (_, _, state, why) in found.items():
        assert state in {"met", "partly", "not yet"}, number
        tests = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", why)
        assert tests or state != "met", f"item {number} says that it is met, and names no test"
        for file, test in tests:
            assert (ROOT / file).exists(), f"item {number}: {file}"
            assert not test or re.search(rf"def {test}\b", page(file)), f"item {number}: {file}::{test}"


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads(page("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## \[{re.escape(version)}\]", page("CHANGELOG.md"), re.MULTILINE)


@pytest.mark.parametrize("name", ["docs/operators.md", "docs/adapters.md"])
def test_no_secret_stands_in_an_example(name: str) -> None:
    assert not re.search(r"(?i)(password|secret_key|master_key)\w*\"?\s*[=:]\s*\"?[A-Za-z0-9_-]{12,}", page(name))
