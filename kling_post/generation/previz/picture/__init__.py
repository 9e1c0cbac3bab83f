"""The picture toolkit of the outdoor places: camera, sky, relief ridges, ground, smoke, particles and jointed figures.

Everything that does not change within a shot is computed once, in linear light, and tone-mapped to display values; a frame is then
a matter of warping and compositing 8-bit layers. All randomness comes from named seeds, so any frame can be drawn on its own.
"""
