"""Proof of being right: known defects of known size and place in clean footage, and how well the checks find them."""
