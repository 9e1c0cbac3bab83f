"""Samples in, numbers or samples out: the loudness meter, the limiter and the normaliser. No files here."""
