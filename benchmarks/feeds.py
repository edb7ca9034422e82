"""Pages of a public feed with any number of records, made from recorded ones."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlencode

PAGE: Final = 50
_FIRST: Final = 5_000_001


def generated_complaints(pages: Sequence[bytes], count: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the body of the request for each page of the complaints, and the body of its answer.

    `pages` are recorded answers. Their records are repeated under new numbers until there are `count`.
    """
    recorded: list[dict[str, Any]] = [row for page in pages for row in json.loads(page)["data"]]
    rows = [{**recorded[place % len(recorded)], "trackingid": str(_FIRST + place)} for place in range(count)]
    last = max(1, -(-count // PAGE))
    for number in range(1, last + 1):
        shown = rows[(number - 1) * PAGE : number * PAGE]
        answer = {"status": "1", "page": str(number), "totalpage": str(last), "total": str(count), "data": shown}
        asked = urlencode({"page": str(number), "perpage": str(PAGE)}).encode()
        yield asked, json.dumps(answer, ensure_ascii=False).encode()
