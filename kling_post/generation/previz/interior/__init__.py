"""Toolkit for places with walls: a pinhole camera, a painter's canvas in linear light, and the materials of ice, stone and iron.

Everything is painted from far to near as textured quads in true perspective. Light is linear, BT.709 primaries, float32; 1.0 is a
white wall in the place's full light, and lamps and windows may be brighter. Every random draw is keyed by a seed and a place in
the scene, never by the order of drawing, so that the same request gives the same bytes.
"""
