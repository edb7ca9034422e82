"""Paging of lists: it must end, and must not repeat or lose records."""

from collections import Counter

from adapters.contract import Bad
from conformance.check_context import WITHIN, CheckContext
from conformance.exploration import ExploredQuestion, by_kind
from conformance.questions import EndlessError, QuestionKind, pages
from conformance.rules import NotApplicableError, Violations


async def ends(context: CheckContext) -> str:
    """Require that every list longer than one page is complete, ends, and contains each record once."""
    asked = [
        one for one in by_kind(await context.explored(), QuestionKind.ASK) if one.question.row and one.question.query
    ]
    if not asked:
        raise NotApplicableError("no row has a live list")
    violations, most, lists = Violations(), 1, 0
    for one in asked:
        if isinstance(one.outcome.error, EndlessError):
            violations.add(f"{one.question.name}: paging does not end")
        elif one.outcome.found:
            count = await _check_list(context, one, violations)
            most, lists = max(most, count), lists + (count > 1)
    violations.finish("")
    if most == 1:
        raise NotApplicableError("no list of the simulator is longer than one page")
    return f"{lists} lists in pages, the longest in {most}"


async def _check_list(context: CheckContext, one: ExploredQuestion, violations: Violations) -> int:
    """Read the list again, page by page; return the number of pages."""
    question, row = one.question, one.question.row
    if row is None or question.query is None:
        return 0
    async with context.route(one.office) as route:
        found = await pages(row, route.call(question.transport, WITHIN, question.subject), question.query)
    keys = Counter(row.key(item) for page in found for item in page.items if not isinstance(item, Bad))
    repeated = sum(count - 1 for count in keys.values())
    lost = len(set(one.outcome.keys) - set(keys))
    violations.require(not repeated, f"{question.name}: {repeated} records are on more than one page")
    violations.require(not lost, f"{question.name}: {lost} records are in the first reading and not in the second")
    return len(found)
