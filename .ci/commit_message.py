"""Check the form of a commit message, as a commit-msg hook: `python .ci/commit_message.py FILE`.

The first line is `room: imperative summary`, at most 72 characters; the second line is empty. A room is a word in
lower case, such as the name of a folder. Whether the summary is imperative is left to the review. Messages that git
writes itself (merges, reverts, fixups) are accepted as they are.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MOST: Final = 72
_FORM: Final = re.compile(r"[a-z][a-z0-9_-]*: \S.*")
_BY_GIT: Final = ("Merge ", "Revert ", "Reapply ", "fixup! ", "squash! ", "amend! ")
_SCISSORS: Final = "# ------------------------ >8 ------------------------"


def faults(message: str) -> Iterator[str]:
    """What is wrong with a message, a sentence each."""
    text = message.partition(_SCISSORS)[0]
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith("#")]
    subject = lines[0] if lines else ""
    if subject.startswith(_BY_GIT):
        return
    if not _FORM.fullmatch(subject):
        yield "The first line has the form `room: imperative summary`, such as `docs: explain the test loops`."
    if len(subject) > MOST:
        yield f"The first line has {len(subject)} characters; at most {MOST} are allowed."
    if subject.endswith("."):
        yield "The first line ends without a full stop."
    if len(lines) > 1 and lines[1]:
        yield "The second line is empty; the reason begins on the third."


def main(arguments: list[str]) -> int:
    """Check the message in a file; gives the exit code."""
    found = list(faults(Path(arguments[0]).read_text(encoding="utf-8")))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
