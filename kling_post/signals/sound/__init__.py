"""Measurements of samples, one file for a family of them."""
