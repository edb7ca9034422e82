"""iCalendar output, read by a parser other than the library that writes it."""

import re
from datetime import datetime, timedelta

from gateway.api.formats.calendar import CALENDAR
from gateway.api.formats.page import ListPage
from gateway.api.openapi.models import record_model
from gateway.api.sources import NO_SOURCES, PublicSources
from gateway.ground.clock import WITA
from gateway.policy.disclosure import reference_data
from schemas.consultation import CONSULTATION
from schemas.envelope import Source, SourceState, UnansweredOffice
from schemas.notice import NoticeStatus
from schemas.places import Location, Point
from schemas.records import Provenance
from schemas.texts import Language

AT = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)


def lines(*changes, sources=NO_SOURCES, cursor=None):
    """Return the unfolded content lines of a calendar of these consultations (RFC 5545, section 3.1)."""
    model = record_model(CONSULTATION)
    came = Provenance(system="konsultasi-publik", fetched_at=AT)
    items = [
        model(
            **{
                "resource": "consultation",
                "id": f"cns_{number}",
                "doubts": (),
                "provenance": came,
                "title": "Forum",
                "status": NoticeStatus.CONFIRMED,
                **change,
            }
        )
        for number, change in enumerate(changes)
    ]
    written = CALENDAR.write(ListPage(reference_data(items, Language.INDONESIAN), sources, cursor)).decode()
    assert written.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    return re.sub(r"\r\n[ \t]", "", written).split("\r\n")


def test_an_event_has_its_times_in_utc_and_texts_that_cannot_break_out():
    told = lines(
        {
            "title": "Forum, satu; dua\nBEGIN:VEVENT",
            "starts_at": AT,
            "ends_at": AT + timedelta(hours=2),
            "location": Location(text="Aula " + "panjang " * 20, position=Point(coordinates=(114.59, -3.32))),
            "status": NoticeStatus.TENTATIVE,
        }
    )
    assert told.count("BEGIN:VEVENT") == 1
    for line in (
        "UID:cns_0",
        "DTSTAMP:20261123T010000Z",
        "DTSTART:20261123T010000Z",
        "DTEND:20261123T030000Z",
        "SUMMARY:Forum\\, satu\\; dua\\nBEGIN:VEVENT",
        "STATUS:TENTATIVE",
        "GEO:-3.32;114.59",
        "CATEGORIES:unknown",
    ):
        assert line in told
    assert not [line for line in told if line.startswith(("DESCRIPTION", "CONTACT"))]


def test_an_event_of_unknown_status_has_none():
    assert "STATUS:CANCELLED" in lines({"starts_at": AT, "status": NoticeStatus.CANCELLED})
    assert not [line for line in lines({"starts_at": AT, "status": NoticeStatus.UNKNOWN}) if line.startswith("STATUS")]


def test_undated_events_are_counted_and_failed_sources_reported():
    away = UnansweredOffice(office="bappeda", name="Bappeda", state=SourceState.FAILED)
    partial = Source(system="konsultasi-publik", name="Konsultasi Publik", state=SourceState.PARTIAL, offices=(away,))
    told = lines({}, {"starts_at": AT}, sources=PublicSources((partial,), complete=False))
    assert told.count("BEGIN:VEVENT") == 1
    assert {"X-GERBANG-UNDATED:1", "X-GERBANG-COMPLETE:FALSE"} <= set(told)
    assert [line for line in told if "SOURCE" in line] == [
        "X-GERBANG-SOURCE:konsultasi-publik: partial",
        "X-GERBANG-SOURCE:konsultasi-publik/bappeda: failed",
    ]
    assert "X-GERBANG-COMPLETE:TRUE" in lines({"starts_at": AT})
    assert "X-GERBANG-COMPLETE:FALSE" in lines({"starts_at": AT}, cursor="more")
