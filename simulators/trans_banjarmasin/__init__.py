"""Simulator of the city's bus and boat operator: its timetable export and its vehicle positions."""
