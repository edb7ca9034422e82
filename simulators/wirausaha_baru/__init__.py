"""Simulator of the lists of new entrepreneurs: a folder into which seven agencies drop workbooks and CSV files."""
