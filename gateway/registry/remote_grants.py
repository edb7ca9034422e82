"""Remote systems: the rows that the operator has granted, from the `[adapter]` table of the system's file.

What the service says of itself is never taken for a grant: the probe compares it with this one.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from adapters.contract import AdapterSpec
from gateway.registry.system_files import RegistryError, first_error


def granted_spec(system_id: str, table: Mapping[str, Any]) -> AdapterSpec[Any]:
    """The adapter's table as granted, or `RegistryError` with one sentence."""
    from adapters.remote import Granted, UnknownNounError, spec_of

    where = f"systems/{system_id}.toml"
    try:
        # As JSON, since the models are strict: there a list may become a set, and a text one of a few words.
        return spec_of(system_id, Granted.model_validate_json(to_json(table)))
    except ValidationError as error:
        raise RegistryError(f"{where}: [adapter] {first_error(error)}.") from None
    except (UnknownNounError, PydanticSerializationError) as error:
        raise RegistryError(f"{where}: [adapter] {error}.") from None
