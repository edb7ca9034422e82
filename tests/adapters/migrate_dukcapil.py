"""Change the golden pairs of dukcapil to the new canonical schema, by rule.

Run in the root of the checkout: `python tests/adapters/migrate_dukcapil.py`. The pairs are read from HEAD, so that
the script can be run again.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

FOLDER: Final = Path("tests/adapters/dukcapil")
MALFORMED: Final = frozenset({"/address/rw", "/address/postal_code"})
"""Fields with a number that is not one of its kind: `number-form`, no longer `number-ambiguous`."""


def migrated(old: Json) -> Json:
    """Return the new expected result of a case."""
    body = {name: member(name, value) for name, value in old["body"].items()}
    return {"body": body, "doubts": [doubt(one) for one in old["doubts"]]}


def member(name: str, old: Any) -> Any:
    """Return a member of the body: the birth date is a text, a coded value has a scheme and a text."""
    if name == "birth_date":
        return partial_date(old)
    if isinstance(old, dict) and "system" in old:
        return {"scheme": old["system"], "code": old["code"], "text": old["display"]}
    return old


def partial_date(old: Json) -> str:
    """Return the date as a text with the known parts only."""
    length = {"year": 4, "month": 7, "day": 10}[old["precision"]]
    return str(old["value"])[:length]


def doubt(old: Json) -> Json:
    """Correct the code. All these fields are personal data, so no doubt carries a word."""
    code = "number-form" if old["code"] == "number-ambiguous" and old["field"] in MALFORMED else old["code"]
    return {"code": code, "field": old["field"]}


def at_head(path: Path) -> tuple[Json, int]:
    """Return the document at HEAD, and its indentation."""
    shown = subprocess.run(["git", "show", f"HEAD:{path}"], check=True, capture_output=True, text=True).stdout
    second = shown.split("\n")[1]
    return json.loads(shown), len(second) - len(second.lstrip())


def write(path: Path, document: Json, indent: int) -> None:
    """Write a document with the formatting that it had."""
    path.write_text(json.dumps(document, indent=indent, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.out.json")):
        document, indent = at_head(path)
        write(path, migrated(document), indent)
