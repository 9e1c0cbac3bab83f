"""Mending joins and clip edges: what could be done with which numbers, done on the edit as values, and measured again."""
