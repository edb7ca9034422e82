"""Measure the CPU time of one record on its way from wire bytes to the bytes of an answer.

The records are those of the golden pairs in `tests/adapters`, without those that are set aside. For each resource of
each built-in adapter the table has the microseconds per record of these steps:

* wire: validation of the system's bytes by the model in `wire`;
* normalise: the adapter's function alone;
* make: `Normaliser.make`, which calls the adapter and adds id, references, agency and provenance;
* mask: the body as the caller may see it;
* render: masking and writing the JSON, `render_records`;
* merge: sorting 1,000 records of the resource.

A resource that anyone may see is rendered for the public, any other for its owner. Nothing is sent or stored. With
`--against DIR`, rounds of this checkout and of another one alternate, and both times are printed.
"""

import argparse
import gc
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any, Final

from conformance.golden import golden_records
from gateway.ground.sealing import Sealer
from gateway.policy.masks import mask
from gateway.policy.narrowing import CallerView, PermittedQuery
from gateway.policy.rendering import render_records
from gateway.records.ids import RecordIds
from gateway.records.merge_order import merge_records
from gateway.records.normaliser import AnswerSource, DatedItem, Normaliser
from gateway.registry.agencies import load_agencies
from gateway.registry.builtin import BUILTIN
from gateway.registry.registry import Registry
from schemas.records import Record
from schemas.texts import Language

STEPS: Final = ("wire", "normalise", "make", "mask", "render", "merge")
_SECONDS: Final = 0.05
"""CPU time in which one step is measured, again and again."""
_SHORTEST: Final = 0.002
"""CPU time of one measurement, in seconds."""
_MERGED: Final = 1000
_AT: Final = datetime(2026, 11, 23, 1, tzinfo=UTC)

Times = dict[str, dict[str, float]]
"""Microseconds per record, by row and step."""


def measure(root: Path, only: str) -> Times:
    """Measure the steps of each resource whose `system resource` contains `only`."""
    times: Times = {}
    for system, module in BUILTIN.items():
        found: dict[str, tuple[Any, list[tuple[Any, bytes]]]] = {}
        folder = root / "tests" / "adapters" / system.replace("-", "_")
        for row, model, document in golden_records(folder, import_module(module).SPEC):
            if only in f"{system} {row.resource.name}":
                found.setdefault(row.resource.name, (row, []))[1].append((model, json.dumps(document).encode()))
        for name, (row, written) in found.items():
            times[f"{system} {name}"] = dict(_steps(row, written, AnswerSource(system, "demo", _AT), root))
    return times


def _steps(row: Any, written: list[tuple[Any, bytes]], origin: AnswerSource, root: Path) -> Iterator[tuple[str, float]]:  # noqa: ANN401 - a row of any adapter
    agencies = load_agencies(root / "config" / "agencies.toml", Registry(()))
    normaliser = Normaliser(RecordIds(Sealer(bytes(32)), lambda _: ()), complete_agency=agencies.complete)
    good = [(model, raw) for model, raw in written if _is_good(normaliser, row, model.model_validate_json(raw), origin)]
    items = [DatedItem(model.model_validate_json(raw), None) for model, raw in good]
    # The records of several pairs have the same key.
    keys = {id(item.item): f"{number}{row.key(item.item)}" for number, item in enumerate(items)}
    row = replace(row, key=lambda item: keys[id(item)])
    records: list[Record[Any]] = list(normaliser.make(row, items, origin).records)
    if not records:
        return
    view = CallerView.PUBLIC if row.resource.public else CallerView.SELF
    permitted: PermittedQuery[Any, Any] = PermittedQuery(
        resource=row.resource, query=row.resource.query(), view=view, principal=None, purpose=None
    )
    many = [
        replace(record, id=f"{record.id}{number * 7919 % _MERGED}")
        for number, record in enumerate(islice(cycle(records), _MERGED))
    ]
    yield "wire", _microseconds(lambda: [model.model_validate_json(raw) for model, raw in good], len(good))
    yield "normalise", _microseconds(lambda: [row.normalise(item.item) for item in items], len(items))
    yield "make", _microseconds(lambda: normaliser.make(row, items, origin), len(items))
    yield (
        "mask",
        _microseconds(
            lambda: [mask(record.body, permitted.classes, release_numbers=False) for record in records], len(records)
        ),
    )
    yield "render", _microseconds(lambda: render_records(permitted, records, Language.INDONESIAN), len(records))
    yield "merge", _microseconds(lambda: merge_records(row.resource, many), len(many))


def _is_good(normaliser: Normaliser, row: Any, item: Any, origin: AnswerSource) -> bool:  # noqa: ANN401 - as above
    return not normaliser.make(row, [DatedItem(item, None)], origin).set_aside


def _microseconds(work: Callable[[], object], records: int) -> float:
    """Return the CPU time per record of repeated work: the least of several measurements, after one call to warm up."""
    work()
    gc.collect()
    best, end = float("inf"), time.process_time() + _SECONDS
    while time.process_time() < end:
        times, began = 0, time.process_time()
        while (passed := time.process_time() - began) < _SHORTEST:
            work()
            times += 1
        best = min(best, passed / times)
    return best / records * 1e6


def _in_rounds(roots: list[Path], rounds: int, only: str) -> list[Times]:
    """Measure each checkout in processes of its own, in turns; return the medians of each."""
    results: list[list[Times]] = [[] for _ in roots]
    for _ in range(rounds):
        for root, found in zip(roots, results, strict=True):
            command = [sys.executable, __file__, "--json", "--root", str(root), "--only", only]
            environment = os.environ | {"PYTHONPATH": str(root)}
            written = subprocess.run(command, env=environment, cwd=root, check=True, stdout=subprocess.PIPE).stdout
            found.append(json.loads(written))
    return [
        {row: {step: median(one[row][step] for one in found) for step in steps} for row, steps in found[0].items()}
        for found in results
    ]


def _print_table(tables: list[Times]) -> None:
    print(f"{'µs of CPU per record':<34}" + "".join(f"{step:>14}" for step in STEPS))
    for row in tables[-1]:
        if not all(row in table for table in tables):
            continue
        cells = (" > ".join(f"{table[row].get(step, 0):.1f}" for table in tables) for step in STEPS)
        print(f"{row:<34}" + "".join(f"{cell:>14}" for cell in cells))


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="rows whose `system resource` contains this")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, help="another checkout, measured in the same run")
    parser.add_argument("--json", action="store_true", help="measure once in this process, and print JSON")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.json:
        logging.disable()  # of records that are set aside
        print(json.dumps(measure(options.root, options.only)))
        return
    before = [options.against.resolve()] if options.against else []
    _print_table(_in_rounds([*before, options.root], options.rounds, options.only))


if __name__ == "__main__":
    main()
