"""The three adapters of the workload `three`, for agencies that allow any number of requests at a time.

The agencies' own limits (four to eight) would be what is measured when every answer takes 50 ms. An installed
distribution is the gateway's usual way to get other adapters; the code is that of the adapters in the tree.
"""

from dataclasses import replace
from typing import Any, Final

from adapters import e_kelurahan, lapor, sipd_rkpd
from adapters.contract import AdapterSpec

_AT_A_TIME: Final = 512


def _wide(spec: AdapterSpec[Any]) -> AdapterSpec[Any]:
    return replace(spec, id=f"{spec.id}-wide", limits=replace(spec.limits, concurrent=_AT_A_TIME))


APPLICATIONS: Final = _wide(e_kelurahan.SPEC)
COMPLAINTS: Final = _wide(lapor.SPEC)
PROPOSALS: Final = _wide(sipd_rkpd.SPEC)
