"""Parts of SOAP answers as the plain members that `wire` models are validated from."""

from pydantic import JsonValue

from adapters.upstream import SoapElement


def members(element: SoapElement) -> dict[str, JsonValue]:
    """What stands in an element, by local names: texts, None for nil, members of members, a list for what is repeated.

    Attributes and namespaces are left out.
    """
    found: dict[str, list[JsonValue]] = {}
    for child in element.children:
        found.setdefault(child.name, []).append(members(child) if child.children else child.text)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
