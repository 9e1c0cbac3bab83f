"""Measurements of frames, one file for a family of them."""
