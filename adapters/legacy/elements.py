"""Conversion of SOAP elements to the plain dictionaries from which `wire` models are validated."""

from pydantic import JsonValue

from adapters.upstream import SoapElement


def element_to_dict(element: SoapElement) -> dict[str, JsonValue]:
    """Return the content of an element by local names: texts, None for nil, nested dictionaries, a list if repeated.

    Attributes and namespaces are dropped.
    """
    found: dict[str, list[JsonValue]] = {}
    for child in element.children:
        found.setdefault(child.name, []).append(element_to_dict(child) if child.children else child.text)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
