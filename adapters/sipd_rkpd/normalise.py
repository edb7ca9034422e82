"""Wire records of SIPD to canonical plans and proposals, and the command to submit one to its columns. Pure."""

from typing import Final

from pydantic import JsonValue

from adapters.contract import Normal, Refused
from adapters.errors import UnusableRecordError
from adapters.legacy.booleans import flag
from adapters.legacy.dates import local_time
from adapters.legacy.nik import nik_from_text
from adapters.legacy.numbers import coordinate, count, plain_number, rupiah
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.receipts import with_code, without_code
from adapters.legacy.regions import collect_region, position
from adapters.legacy.texts import code_text, plain_text
from adapters.sipd_rkpd import codes
from adapters.sipd_rkpd.places import KELURAHAN, NUMBERS
from adapters.sipd_rkpd.wire import Pengusul, Program, Usulan
from schemas.case import CaseStatus
from schemas.codes import Coded
from schemas.doubts import DoubtCode
from schemas.event import Event
from schemas.identifiers import Person
from schemas.money import Money
from schemas.places import Location, RegionReference
from schemas.planning import Plan, PlanLevel, PlanScheme, Proposal, ProposalStage, SubmitProposal
from schemas.references import AgencyReference
from schemas.texts import Text

_YEARS: Final = range(2000, 2101)
_LONGEST_WORD: Final = 40
_SHORTEST_PROBLEM: Final = 10
_NO_PLACEHOLDERS: Final[frozenset[str]] = frozenset()
_NO_AMOUNT: Final = frozenset({None, "", "0", "0.00"})
"""The usual forms of no amount, of which a proposal has five on average."""


def plan_key(w: Program) -> str:
    """Return year, agency and code: the code alone repeats across agencies and years."""
    return "/".join((w.tahun.strip(), code_text(w.kode_skpd) or "-", _line(w)[1]))


def plan(w: Program) -> Normal[Plan]:
    """Return the canonical line of a plan, with its doubts."""
    doubts = Doubts()
    level, code, written, parent = _line(w)
    year = _year(w.tahun)
    name = doubts.collect("/name", plain_text(written, placeholders=_NO_PLACEHOLDERS))
    if year is None or name is None:
        raise UnusableRecordError("a line without a year or a name")
    body = Plan(
        year=year,
        code=_coded("/code", code, year, doubts),
        parent=_coded("/parent", parent, year, doubts) if parent else None,
        level=level,
        name=name,
        agency=doubts.collect("/agency", plain_text(w.nama_skpd).map(_agency)),
        ceiling=doubts.collect("/ceiling", _money(w.pagu)),
        indicator=plain_text(w.indikator).value,
    )
    return Normal(body, doubts.found)


def _agency(name: str) -> AgencyReference:
    return AgencyReference(name=Text(id=name))


def _line(w: Program) -> tuple[PlanLevel, str, str | None, str | None]:
    """Return level, code, name and the code of the line above, of the deepest columns that are filled in."""
    programme, activity, sub = (code_text(code) for code in (w.kode_program, w.kode_giat, w.kode_sub_giat))
    if sub is not None:
        return PlanLevel.SUB_ACTIVITY, sub, w.nama_sub_giat, activity or programme
    if activity is not None:
        return PlanLevel.ACTIVITY, activity, w.nama_giat, programme
    if programme is not None:
        return PlanLevel.PROGRAMME, programme, w.nama_program, None
    raise UnusableRecordError("a line without a code")


def _year(written: str | None) -> int | None:
    year = count(written).value
    return year if year in _YEARS else None


def _coded(field: str, code: str, year: int, doubts: Doubts) -> Coded:
    """Return a code in its own nomenclature: that of a line and that of the line above may differ."""
    scheme = doubts.collect(f"{field}/scheme", _scheme(code, year))
    return Coded(scheme=scheme.value if scheme else codes.OWN_CODES, code=code)


def _scheme(code: str, year: int) -> Reading[PlanScheme]:
    """Return the nomenclature of the plan's year, if the code matches its pattern."""
    new = year >= codes.FIRST_YEAR_OF_90
    scheme = PlanScheme.PERMENDAGRI_90_2019 if new else PlanScheme.PERMENDAGRI_13_2006
    return Reading(scheme) if codes.FORMS[scheme].fullmatch(code) else absent(DoubtCode.CODE_UNKNOWN)


def _money(written: str | None) -> Reading[Money]:
    return rupiah(plain_number(written))


def proposal_key(w: Usulan) -> str:
    """Return the system's number of the proposal."""
    return w.id_usulan


def proposal(w: Usulan) -> Normal[Proposal]:
    """Return the canonical proposal, with its doubts; it has a proposer only in the proposer's own list."""
    doubts = Doubts()
    year = _year(w.tahun)
    problem = doubts.collect("/text", plain_text(problem_without_code(w.masalah), placeholders=_NO_PLACEHOLDERS))
    if year is None or problem is None:
        raise UnusableRecordError("a proposal without a year or a problem")
    status, stage = _status(w, doubts)
    degrees = [coordinate(column, zero_is_absent=True) for column in (w.detail_latpeta, w.detail_langpeta)]
    body = Proposal(
        number=w.id_usulan,
        year=year,
        title=doubts.collect("/title", plain_text(w.giat_teks)),
        text=problem,
        location=Location.of(
            text=doubts.collect("/location/text", plain_text(w.alamat_teks)),
            region=collect_region(doubts, "/location/region", _region(w.id_kelurahan), w.id_kelurahan),
            position=doubts.collect("/location/position", position(*degrees)),
        ),
        stage=stage,
        amount=doubts.collect("/amount", _amount(w.anggaran)),
        quantity=doubts.collect("/quantity", plain_text(w.koefisien)),
        status=status,
        reason=doubts.collect("/reason", _reason(w.tolak_teks)) if status is CaseStatus.REJECTED else None,
        history=_recommendations(w, doubts),
        submitted_at=doubts.collect("/submitted_at", local_time(w.tgl_usul)),
        applicant=_proposer(w.pengusul, doubts),
    )
    return Normal(body, doubts.found)


def problem_without_code(written: str | None) -> str | None:
    """Return the problem as the proposer wrote it: without the receipt code."""
    return None if written is None else without_code(written)


def _status(w: Usulan, doubts: Doubts) -> tuple[CaseStatus, ProposalStage | None]:
    """Return the status: cancelled, else rejected, else as the stage in words states; and the level, if it is known."""
    word = plain_text((w.status_usul_teks or "")[:_LONGEST_WORD], placeholders=_NO_PLACEHOLDERS).value
    stage = codes.STAGES.get(codes.folded(w.status_usul_teks))
    accommodated = codes.folded(w.status_usul_teks) == codes.ACCOMMODATED
    stopped = _stopped(w, doubts)
    if stopped is not None:
        if word and stage is None and not accommodated:
            doubts.note_unknown("/stage", DoubtCode.CODE_UNKNOWN, word)
        return stopped, stage
    if accommodated:
        return CaseStatus.ACCOMMODATED, None
    if stage is not None:
        return CaseStatus.UNDER_REVIEW, stage
    doubts.note_unknown("/status", DoubtCode.STATUS_UNKNOWN if word else DoubtCode.FIELD_MISSING, word)
    return CaseStatus.UNKNOWN, None


def _stopped(w: Usulan, doubts: Doubts) -> CaseStatus | None:
    """Return cancelled or rejected, if a flag states it. An unknown flag is a doubt with its column and word."""
    flags = (("is_batal", w.is_batal, CaseStatus.CANCELLED), ("is_tolak", w.is_tolak, CaseStatus.REJECTED))
    for column, written, status in flags:
        reading = flag(written, yes="1", no="0")
        if reading.value:
            return status
        for code in reading.doubts:
            word = plain_text(written, placeholders=_NO_PLACEHOLDERS).value or ""
            doubts.note_unknown("/status", code, f"{column}={word}")
    return None


def _region(written: str | None) -> Reading[RegionReference]:
    """Return the kelurahan of SIPD's own number."""
    number = count(written)
    if not number.value:
        return absent(*number.doubts)
    code = KELURAHAN.get(number.value)
    return Reading(RegionReference.to(code)) if code else absent(DoubtCode.REGION_UNKNOWN)


def _amount(written: str | None) -> Reading[Money]:
    """Return an amount; 0 stands for no value."""
    if written in _NO_AMOUNT:
        return absent()
    reading = _money(written)
    return absent() if reading.value is not None and reading.value.amount == 0 else reading


def _reason(written: str | None) -> Reading[str]:
    """Return why a proposal was rejected. In an integer column every text became 0: the lost text is a doubt."""
    if written is None or not written.strip().strip("0"):
        return absent(DoubtCode.PLACEHOLDER)
    return plain_text(written)


def _recommendations(w: Usulan, doubts: Doubts) -> tuple[Event, ...]:
    """Return the recommendations of the levels, in their order; a level without any is left out."""
    found: list[Event] = []
    for column, stage in codes.LEVELS:
        amount = _amount(getattr(w, f"rekom_{column}_anggaran"))
        note = plain_text(getattr(w, f"rekom_{column}_rekomendasi"))
        if amount.value is None and note.value is None:
            doubts.note("/history", *amount.doubts, *note.doubts)
            continue
        doubts.note(f"/history/{len(found)}/amount", *amount.doubts)
        doubts.note(f"/history/{len(found)}/text", *note.doubts)
        found.append(Event(by=stage.text, text=note.value, amount=amount.value))
    return tuple(found)


def _proposer(w: Pengusul | None, doubts: Doubts) -> Person | None:
    if w is None:
        return None
    number = doubts.collect("/applicant/identifiers", nik_from_text(w.nik))
    name = doubts.collect("/applicant/name", plain_text(w.nama))
    return Person(name=name, identifiers=(number,) if number else ())


def submission(command: SubmitProposal, nik: str | None, code: str) -> dict[str, JsonValue] | Refused:
    """Return the columns of a proposal; the receipt code is appended to the problem in brackets."""
    if not nik:
        return Refused("nik-missing", "Usulan memerlukan NIK.")
    number = NUMBERS.get(command.region)
    if number is None:
        return Refused("region-unknown", "Kelurahan ini tidak ada di Kota Banjarmasin.")
    problem = plain_text(command.text, placeholders=_NO_PLACEHOLDERS).value or ""
    if len(problem) < _SHORTEST_PROBLEM:
        return Refused("text-refused", "Masalah terlalu pendek.")
    longitude, latitude = command.position.coordinates if command.position else (0.0, 0.0)
    return {
        "nik": nik,
        "tahun": str(command.year),
        "masalah": with_code(problem, code),
        "giat_teks": plain_text(command.title).value or "",
        "alamat_teks": plain_text(command.place).value or "",
        "id_kelurahan": number,
        "anggaran": "0" if command.amount is None else f"{command.amount:.2f}",
        "koefisien": plain_text(command.quantity).value or "",
        "detail_latpeta": f"{latitude:.7f}" if latitude else "0",
        "detail_langpeta": f"{longitude:.7f}" if longitude else "0",
    }
