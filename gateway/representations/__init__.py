"""The forms in which a list can be had: the JSON envelope, GeoJSON for maps, iCalendar, CSV for spreadsheets."""
