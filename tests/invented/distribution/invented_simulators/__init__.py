"""Simulators of the five invented systems. Each is written from the interface description in its docstring."""
