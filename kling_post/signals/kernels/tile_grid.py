"""The grid in which signals look at parts of a picture; checks name the parts by it."""

TILE_ROWS, TILE_COLUMNS = 9, 16
"""Sixteen by nine: square tiles on the usual picture shape, each 1/144 of its area."""
TILES = TILE_ROWS, TILE_COLUMNS
