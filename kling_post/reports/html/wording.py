"""Names and figures as the page words them."""

import math
import re
from fractions import Fraction


def slug(text: str) -> str:
    """A name as part of an HTML id."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text) or "unnamed"


def short_name(name: str) -> str:
    """A long name without its middle: the end is what tells shots apart."""
    return name if len(name) <= 22 else f"{name[:8]}\N{HORIZONTAL ELLIPSIS}{name[-12:]}"


def length_text(frames: int, rate: Fraction) -> str:
    """``9.00 s`` or ``2 min 05.3 s``."""
    seconds = float(frames / rate)
    return f"{seconds:.2f} s" if seconds < 60 else f"{int(seconds // 60)} min {seconds % 60:04.1f} s"


def figure_text(value: float | None) -> str:
    """A number as a person wants it: three digits that count, no trailing zeros, whole numbers in full."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "none" if value > 0 else "-\N{INFINITY}"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:.0f}"
    if abs(value) < 0.0005:
        return "0"
    return f"{value:.3g}"
