"""The code lists that the adapters of the live systems declare, merged."""

from collections.abc import Iterable, Mapping

from gateway.registry.registry import Registry
from gateway.registry.system_files import RegistryError
from schemas.code_lists import CODED_LISTS, CodeList, CodeValue, enumerations, scheme_of


def merge_code_lists(registry: Registry) -> Mapping[str, CodeList]:
    """Return the lists of all systems by scheme. Lists with one scheme are merged into one.

    Raises `RegistryError` with one sentence if two systems contradict each other, or if the canonical schema has the
    list already.
    """
    canonical = {*CODED_LISTS, *map(scheme_of, enumerations())}
    merged: dict[str, CodeList] = {}
    declared_by: dict[str, str] = {}
    for live in registry:
        for declared in live.spec.codes:
            scheme = declared.scheme
            if scheme in canonical:
                raise RegistryError(
                    f"The system {live.spec.id} declares the code list {scheme}, which the canonical schema has."
                )
            if scheme not in merged:
                merged[scheme], declared_by[scheme] = declared, live.spec.id
                continue
            contradiction = _contradiction(merged[scheme], declared)
            if contradiction is not None:
                raise RegistryError(
                    f"The systems {declared_by[scheme]} and {live.spec.id} contradict each other about the code list "
                    f"{scheme}: {contradiction}."
                )
            merged[scheme] = merged[scheme].model_copy(
                update={"values": tuple(_union(merged[scheme].values, declared.values))}
            )
    return merged


def _contradiction(one: CodeList, other: CodeList) -> str | None:
    if one.name != other.name:
        return "its name differs"
    if one.complete != other.complete:
        return "only one of them lists all values"
    known = {value.code: value for value in one.values}
    differing = next((value.code for value in other.values if known.get(value.code, value) != value), None)
    return None if differing is None else f"the text of {differing} differs"


def _union(one: Iterable[CodeValue], other: Iterable[CodeValue]) -> Iterable[CodeValue]:
    return {value.code: value for value in (*one, *other)}.values()
