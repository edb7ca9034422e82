"""The forms in which a list can be had: the JSON envelope, GeoJSON, iCalendar, CSV."""
