"""sipd-rkpd: the lines of the city's yearly plan (RKPD), and residents' proposals for it.

Owner: Bapperida, the planning agency; the system is the ministry's (SIPD). Protocol: HTTP, JSON both ways by POST, the
token in a separate header. Source of the specification: the header, the answer to a failed push and the columns are
public; that the lists can be read and proposals pushed one by one is assumed, as in the agency's interface description
that comes with the simulator.

Quirks: a success whose log contains errors (Q05); the token in `authentication`, not `Authorization` (Q21); numbers as
text (Q22); the greatest 32-bit number where an amount did not fit (Q41); a reason that became 0 in an integer column
(Q42); codes with trailing dots and blanks (Q43); a push that is stored twice when it is sent twice (Q50); line breaks
in names (Q56); SIPD's own numbers of kelurahan; status 200 for refusals (Q04); one nomenclature of codes until 2020,
another since.

Personal data: name and NIK of a proposal's own proposer, read live and never held. The snapshot contains the public
part. The verifier of a proposal (`nip`) is not read.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from adapters.contract import AdapterSpec, Call, Http, Limits, Need, Reads, Refused, Stored, Subject, Writes
from adapters.sipd_rkpd import client, normalise
from adapters.sipd_rkpd.codes import CODE_LISTS
from adapters.sipd_rkpd.settings import Settings
from adapters.sipd_rkpd.wire import Program, Usulan
from adapters.upstream import HttpUpstream
from schemas.planning import PLAN, PROPOSAL, Plan, PlanQuery, Proposal, ProposalQuery, SubmitProposal
from schemas.texts import Text

_HTTP: Final[Http[Settings]] = Http(max_bytes=2_000_000)

_PLANS: Final[Reads[Settings, HttpUpstream, Program, Plan, PlanQuery]] = Reads(
    resource=PLAN,
    transport=_HTTP,
    normalise=normalise.plan,
    key=normalise.plan_key,
    feed=client.feed_plans,
    fresh=timedelta(hours=1),
    keep=timedelta(days=30),
)
_PROPOSALS: Final[Reads[Settings, HttpUpstream, Usulan, Proposal, ProposalQuery]] = Reads(
    resource=PROPOSAL,
    transport=_HTTP,
    normalise=normalise.proposal,
    key=normalise.proposal_key,
    feed=client.feed_proposals,
    fresh=timedelta(minutes=10),
    keep=timedelta(days=7),
)
_OWN: Final[Reads[Settings, HttpUpstream, Usulan, Proposal, ProposalQuery]] = Reads(
    resource=PROPOSAL,
    transport=_HTTP,
    normalise=normalise.proposal,
    key=normalise.proposal_key,
    ask=client.ask,
    one=client.one,
)


def _submission(command: SubmitProposal, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    return normalise.submission(command, subject.nik if subject else None, code)


async def _submit(call: Call[Settings, HttpUpstream], command: SubmitProposal, code: str) -> Stored | Refused:
    fields = _submission(command, call.subject, code)
    return fields if isinstance(fields, Refused) else await client.submit(call, fields)


_SUBMIT: Final[Writes[Settings, HttpUpstream, SubmitProposal]] = Writes(
    name="submit-proposal",
    command=SubmitProposal,
    transport=_HTTP,
    idempotent=False,
    settle=timedelta(seconds=2),
    send=_submit,
    look=client.look,
    denormalise=_submission,
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="sipd-rkpd",
    agency="bapperida",
    title=Text(id="SIPD: rencana kerja dan usulan", en="SIPD: plans and proposals"),
    version="1.0.0",
    contact="Badan Perencanaan Pembangunan, Riset dan Inovasi Daerah Kota Banjarmasin",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=8), max_items=50_000),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_HTTP,
    reads=(_PLANS, _PROPOSALS, _OWN),
    writes=(_SUBMIT,),
    codes=CODE_LISTS,
    assumed=True,
)
"""The adapter of sipd-rkpd."""
