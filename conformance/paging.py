"""Paging of asked lists: it ends, and neither repeats nor loses."""

from collections import Counter

from adapters.contract import Bad
from conformance.check_context import WITHIN, CheckContext
from conformance.exploration import Explored, by_kind
from conformance.questions import EndlessError, QuestionKind, pages
from conformance.rules import Flaws, NotApplicableError


async def ends(context: CheckContext) -> str:
    """Every list that the simulator has in more than one page comes whole, each record once, and comes to its end."""
    asked = [
        one for one in by_kind(await context.explored(), QuestionKind.ASK) if one.question.row and one.question.query
    ]
    if not asked:
        raise NotApplicableError("no row is asked")
    flaws, most, lists = Flaws(), 1, 0
    for one in asked:
        if isinstance(one.outcome.error, EndlessError):
            flaws.add(f"{one.question.name}: paging does not come to an end")
        elif one.outcome.found:
            count = await _judged(context, one, flaws)
            most, lists = max(most, count), lists + (count > 1)
    flaws.settle("")
    if most == 1:
        raise NotApplicableError("no list of the simulator is longer than one page")
    return f"{lists} lists in pages, the longest in {most}"


async def _judged(context: CheckContext, one: Explored, flaws: Flaws) -> int:
    """Ask once more, page by page; gives the number of pages."""
    question, row = one.question, one.question.row
    if row is None or question.query is None:
        return 0
    async with context.way(one.office) as way:
        found = await pages(row, way.call(question.transport, WITHIN, question.subject), question.query)
    keys = Counter(row.key(item) for page in found for item in page.items if not isinstance(item, Bad))
    repeated = sum(count - 1 for count in keys.values())
    lost = len(set(one.outcome.keys) - set(keys))
    flaws.unless(not repeated, f"{question.name}: {repeated} records come on more than one page")
    flaws.unless(not lost, f"{question.name}: {lost} records come on one reading and not on the next")
    return len(found)
