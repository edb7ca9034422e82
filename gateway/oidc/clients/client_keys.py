"""Public keys of clients that authenticate by signature: registered, or published at the client's address."""

import json
from collections import OrderedDict

from gateway.authentication.issuer_fetching import IssuerConnections
from gateway.authentication.issuer_keys import RemoteKeys
from gateway.authentication.jose import PublicKey, TokenRefusedError, read_keys
from gateway.storage.tables.clients import ClientRow


class ClientKeys:
    """Finds a client's key by `kid`. Published keys are fetched with the same limits as an issuer's keys."""

    MAX_CACHED = 256

    def __init__(self) -> None:
        self._http = IssuerConnections()
        self._published: OrderedDict[tuple[str, str], RemoteKeys] = OrderedDict()

    async def find(self, client: ClientRow, kid: str) -> PublicKey | None:
        """Return the client's key named `kid`, or None."""
        if client.jwks is not None:
            return _registered(client.jwks).get(kid)
        if client.jwks_uri is not None:
            return await self._at(client.id, client.jwks_uri).find(kid)
        return None

    async def aclose(self) -> None:
        """Cancel running fetches."""
        for keys in self._published.values():
            await keys.aclose()
        self._published.clear()
        await self._http.aclose()

    def _at(self, client_id: str, address: str) -> RemoteKeys:
        known = self._published.pop((client_id, address), None) or RemoteKeys(address, self._http)
        self._published[client_id, address] = known
        if len(self._published) > self.MAX_CACHED:
            self._published.popitem(last=False)
        return known


def _registered(document: dict[str, object]) -> dict[str, PublicKey]:
    try:
        return read_keys(json.dumps(document).encode())
    except TokenRefusedError:
        return {}
