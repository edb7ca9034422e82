"""Proof 7: clients generated from the committed document as docs/integrators.md says fetch every public list.

The pages' own commands and programs are taken from there, so that what integrators read is what is run here.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Demo
from tests.peers.node import HERE as PEERS
from tests.peers.node import Peers
from tests.peers.python_client import GeneratedClient

PAGE = (ROOT / "docs" / "integrators.md").read_text("utf-8")
COMMITTED = ROOT / "openapi" / "gerbang.json"
DOCUMENT = json.loads(COMMITTED.read_text("utf-8"))
LISTS = {
    operation["operationId"]: (path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for operation in methods.values()
    if operation["security"] == [] or {} in operation["security"]
    if re.search(
        r"/\w+List\"", json.dumps(operation["responses"].get("200", {}).get("content", {}).get("application/json"))
    )
}
"""Every list that nobody has to sign in for."""
QUERIES: dict[str, dict[str, Any]] = {"searchEverything": {"q": "jalan"}}
EMPTY = {"listTransitDepartures"}
"""Where there may be nothing to show: at night nothing departs."""
STRICT = {"strict": True, "module": "nodenext", "moduleResolution": "nodenext", "target": "es2022", "types": []}
ALMOST_NODE = "declare const process: { env: Record<string, string | undefined>; argv: string[] };\n"
"""What @types/node says, as far as it is used here."""
EVERY_LIST = """\
import createClient from "openapi-fetch";
import type { components, paths } from "./gerbang.js";

type Listed = {
  data?: { items: readonly object[]; sources: readonly components["schemas"]["Source"][]; complete: boolean };
  error?: components["schemas"]["Problem"];
};

type Json = "application/json" | "application/problem+json";
const gerbang = createClient<paths, Json>({ baseUrl: process.argv[2] ?? "" });
const found: Record<string, number> = {};

async function count(name: string, asked: Promise<Listed>): Promise<void> {
  const { data, error } = await asked;
  if (!data) throw new Error(`${name}: ${error?.type}`);
  found[name] = data.items.length;
}

// @ts-expect-error a filter that there is not does not compile
const refused = () => gerbang.GET("/v1/services", { params: { query: { agncy: "x" } } });
"""


def section(title: str, language: str) -> list[str]:
    """The blocks of one language below a heading of the page."""
    below = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", below, re.DOTALL)


@pytest.fixture(scope="module")
def asked(demo: Demo) -> dict[str, dict[str, Any]]:
    """What each list is asked: the object that its path names, some words, a short page."""

    def first(path: str) -> Callable[[], str]:
        return lambda: str(demo.get(path).json()["items"][0]["id"])

    objects = {
        "scheme": lambda: "case-status",
        "facility_id": first("/v1/health/facilities"),
        "stop_id": first("/v1/transit/stops"),
        "consultation_id": first("/v1/consultations?limit=1"),
    }
    questions = {}
    for name, (path, operation) in LISTS.items():
        limited = any(one.get("name") == "limit" for one in operation["parameters"])
        named = {part: objects[part]() for part in re.findall(r"\{(\w+)\}", path)}
        query = QUERIES.get(name, {}) | ({"limit": 3} if limited else {})
        questions[name] = {part: value for part, value in (("path", named), ("query", query)) if value}
    return questions


def judge(found: dict[str, int]) -> None:
    assert set(found) == set(LISTS)
    assert {name for name, items in found.items() if not items} <= EMPTY


def test_there_are_public_lists() -> None:
    assert len(LISTS) >= 18


def test_a_client_in_typescript_compiles_strictly_and_fetches_every_public_list(
    demo: Demo, peers: Peers, asked: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(PEERS / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    (tmp_path / "node.d.ts").write_text(ALMOST_NODE, "utf-8")
    calls = [
        f"await count({json.dumps(name)}, gerbang.GET({json.dumps(path)}, {{ params: {json.dumps(asked[name])} }}));"
        for name, (path, _) in LISTS.items()
    ]
    program = "\n".join([EVERY_LIST, *calls, "console.log(JSON.stringify(found));", "export { refused };\n"])
    (tmp_path / "every_list.ts").write_text(program, "utf-8")
    (written,) = section("A client in TypeScript", "ts")
    (tmp_path / "written.ts").write_text(written.replace("http://localhost:8000", demo.url), "utf-8")
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT}), "utf-8")
    assert f"openapi-typescript@{locked('openapi-typescript')} openapi-fetch@{locked('openapi-fetch')}" in PAGE
    peers.run("node_modules/openapi-typescript/bin/cli.js", str(COMMITTED), "-o", str(tmp_path / "gerbang.d.ts"))
    peers.run("node_modules/typescript/bin/tsc", "--project", str(tmp_path))
    judge(json.loads(peers.run(str(tmp_path / "every_list.js"), demo.url)))
    peers.run(str(tmp_path / "written.js"), TOKEN=demo.token("resident"))


def locked(package: str) -> str:
    return str(json.loads((PEERS / "package.json").read_text("utf-8"))["devDependencies"][package])


def test_a_client_in_python_compiles_and_fetches_every_public_list(
    demo: Demo, asked: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    client = python_client(tmp_path)
    assert "omitted" not in client.said, client.said
    (written,) = section("A client in Python", "python")
    (tmp_path / "written.py").write_text(written.replace("http://localhost:8000", demo.url), "utf-8")
    client.python("-W", "error", "-m", "compileall", "-q", "gerbang-client")
    calls = {snake(name): question.get("path", {}) | question.get("query", {}) for name, question in asked.items()}
    found = json.loads(client.python(PEERS / "every_list.py", demo.url, stdin=json.dumps(calls)))
    judge({name: found[snake(name)] for name in LISTS})
    client.python("written.py", TOKEN=demo.token("resident"))


def python_client(folder: Path) -> GeneratedClient:
    """The client of the committed document, as the page generates it."""
    (settings,) = section("A client in Python", "yaml")
    lines = "".join(section("A client in Python", "sh")).splitlines()
    command = next(line for line in lines if line.startswith("openapi-python"))
    return GeneratedClient(folder, COMMITTED.read_bytes(), command, settings)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
