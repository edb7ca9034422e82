"""Small timetables of three stops, two trips and one route."""

import io
from zipfile import ZipFile

from adapters.trans_banjarmasin.tables import Timetable

TABLES = {
    "agency.txt": "agency_name,agency_timezone\nTrans,Asia/Makassar\n",
    "routes.txt": "route_id,route_type\nK 1,3\n",
    "stops.txt": "stop_id;stop_name;stop_lat;stop_lon\nA;A;-3,32;114,59\nB;B;-3,33;114,6\nC;C;-3,33;114,6\n",
    "trips.txt": "route_id,service_id,trip_id\nK 1,DAILY,T 1\nK 1,SUNDAY,T 2\n",
    "stop_times.txt": (
        "trip_id,departure_time,stop_id,stop_sequence\n"
        "T 1,23:50:00,A,1\nT 1,24:10:00,B ,2\nT 1,24:30:00,C,3\nT 2,08:00:00,A,1\nT 2,08:10:00,B,2\n"
    ),
    "calendar.txt": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "DAILY,1,1,1,1,1,1,1,20260101,20261231\nSUNDAY,0,0,0,0,0,0,1,20260101,20261231\n"
    ),
}


def timetable(**changed: str | None) -> Timetable:
    """Return the timetable with some of its files changed, or left out."""
    made = io.BytesIO()
    with ZipFile(made, "w") as packed:
        for name, content in {**TABLES, **{f"{name}.txt": text for name, text in changed.items()}}.items():
            if content is not None:
                packed.writestr(name, content)
    return Timetable(made.getvalue())
