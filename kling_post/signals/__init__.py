"""Frames to numbers over time: one decode, one pass, constant memory. No opinion here."""
