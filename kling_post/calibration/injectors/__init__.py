"""Defects that can be put into clean footage: one file per family, found by itself."""
