"""The adapter against a SOAP server that somebody else wrote (npm's `soap`), given nothing but the WSDL."""

from dataclasses import replace

import pytest

from adapters.errors import CredentialsRefusedError
from adapters.rtmc import SPEC, client

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("soap-server")]
INCIDENT, CONDITION = SPEC.reads


async def test_it_understands_us_and_we_understand_it(over_server):
    await over_server.probe()
    # This one writes UTF-8 and says so, unlike the original: so the row's own charset is left out.
    call = over_server.call(replace(INCIDENT.transport, charset=None))
    batches = [batch async for batch in client.feed_incidents(call, None)]
    assert [len(batch.items) for batch in batches] == [25, 5]
    body = INCIDENT.normalise(batches[0].items[0]).body
    assert (body.title, body.location.text) == ("Genangan <air> & pasang 1", "Jl. Veteran – simpang")
    assert body.location.position is not None
    (conditions,) = await over_server.feed("condition")
    assert CONDITION.normalise(conditions.items[0]).body.speed == 20.5


@pytest.mark.parametrize("password", ["wrong", "wrong-in-200"])
async def test_its_faults_are_ours(over_server, password):
    with pytest.raises(CredentialsRefusedError):
        await over_server.probe(password=password)
