"""Remote systems: the rows that the operator has granted, from the `[adapter]` table of the system's file.

The service's own description is never taken for a grant: the probe compares it with the granted rows.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from adapters.contract import AdapterSpec
from gateway.registry.system_files import RegistryError, first_error


def granted_spec(system_id: str, table: Mapping[str, Any]) -> AdapterSpec[Any]:
    """The adapter's table as granted. Raises `RegistryError` with one sentence."""
    from adapters.remote import AdapterGrant, UnknownNounError, spec_of

    where = f"systems/{system_id}.toml"
    try:
        # As JSON, since the models are strict: JSON allows a list for a set, and a text for an enumeration.
        return spec_of(system_id, AdapterGrant.model_validate_json(to_json(table)))
    except ValidationError as error:
        raise RegistryError(f"{where}: [adapter] {first_error(error)}.") from None
    except (UnknownNounError, PydanticSerializationError) as error:
        raise RegistryError(f"{where}: [adapter] {error}.") from None
