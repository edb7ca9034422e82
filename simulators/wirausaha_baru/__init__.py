"""Simulator of the new-entrepreneur lists: a folder into which seven agencies drop workbooks and CSV files."""
