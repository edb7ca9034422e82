"""Serialisation of lists: the JSON envelope, GeoJSON, iCalendar, CSV."""
