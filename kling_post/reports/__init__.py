"""Findings, seams and figures for people and for machines."""
