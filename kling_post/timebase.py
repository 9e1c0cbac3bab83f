"""Integer frames, Fraction rates and SMPTE timecode: the one place that knows time.

Time is counted in frames at a rate that is an exact fraction (23.976 is 24000/1001). Seconds as floats appear only where
a person reads them or where another program's command line wants them.

Timecode follows SMPTE ST 12-1: the *nominal* rate (24 for 23.976) counts frames; drop-frame timecode, at 29.97 and 59.94
only, leaves out the first 2 (or 4) frame numbers of each minute that is not a tenth minute.
"""

import re
from fractions import Fraction

_NTSC_DENOMINATOR = 1001
_TIMECODE = re.compile(r"^(\d{2}):(\d{2}):(\d{2})([:;])(\d{2,3})$")


def parse_rate(text: str | float | Fraction) -> Fraction:
    """The exact frame rate behind a number or a text.

    The decimal names of the NTSC family (23.976, 23.98, 29.97, 47.952, 59.94, 119.88) mean n * 1000 / 1001.

    >>> parse_rate("23.976"), parse_rate(25), parse_rate("30000/1001")
    (Fraction(24000, 1001), Fraction(25, 1), Fraction(30000, 1001))

    Raises:
        ValueError: not a positive rate up to 1000 frames a second.
    """
    try:
        rate = Fraction(text) if not isinstance(text, float) else Fraction(str(text))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{text!r} is not a frame rate") from error
    if not 0 < rate <= 1000:
        raise ValueError(f"{text!r} is not a frame rate between 0 and 1000")
    for nominal in (24, 30, 48, 60, 120):
        if rate.denominator != 1 and abs(rate - Fraction(nominal * 1000, _NTSC_DENOMINATOR)) < Fraction(1, 200):
            return Fraction(nominal * 1000, _NTSC_DENOMINATOR)
    return rate


def nominal_rate(rate: Fraction) -> int:
    """The whole number of timecode frames per second: 24 for 24 and for 24000/1001."""
    return round(rate)


def is_ntsc(rate: Fraction) -> bool:
    """Whether the rate is one of the 1000/1001 family."""
    return rate.denominator == _NTSC_DENOMINATOR


def seconds_to_frames(seconds: Fraction | int, rate: Fraction) -> int:
    """The frame count nearest to a duration; exact halves round up.

    >>> seconds_to_frames(9, Fraction(24)), seconds_to_frames(1, Fraction(30000, 1001))
    (216, 30)
    """
    return int((Fraction(seconds) * rate * 2 + 1) // 2)


def frames_to_seconds(frames: int, rate: Fraction) -> Fraction:
    """The exact duration of a number of frames."""
    return Fraction(frames) / rate


def frames_to_samples(frames: int, rate: Fraction, sample_rate: int) -> int:
    """The sample nearest to a frame boundary, counted from the same zero; boundaries never drift.

    >>> frames_to_samples(216, Fraction(24), 48000)
    432000
    """
    return int((Fraction(frames) / rate * sample_rate * 2 + 1) // 2)


def _dropped_per_minute(rate: Fraction) -> int:
    if not (is_ntsc(rate) and nominal_rate(rate) % 30 == 0):
        raise ValueError(f"drop-frame timecode exists at 29.97 and 59.94 only, not at {float(rate):.3f}")
    return nominal_rate(rate) // 15


def timecode(frames: int, rate: Fraction, *, drop_frame: bool = False) -> str:
    """The SMPTE timecode of a frame count.

    >>> timecode(216, Fraction(24)), timecode(1800, Fraction(30000, 1001), drop_frame=True)
    ('00:00:09:00', '00:01:00;02')

    Raises:
        ValueError: a negative count, or drop-frame at a rate that has none.
    """
    if frames < 0:
        raise ValueError(f"timecode counts from zero, not {frames}")
    base = nominal_rate(rate)
    if drop_frame:
        dropped = _dropped_per_minute(rate)
        per_minute, per_ten_minutes = base * 60 - dropped, base * 600 - dropped * 9
        tens, rest = divmod(frames, per_ten_minutes)
        frames += dropped * 9 * tens
        if rest >= base * 60:
            frames += dropped * ((rest - base * 60) // per_minute + 1)
    seconds, frame = divmod(frames, base)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    width = 3 if base > 100 else 2
    return f"{hours % 24:02d}:{minute:02d}:{second:02d}{';' if drop_frame else ':'}{frame:0{width}d}"


def parse_timecode(text: str, rate: Fraction) -> int:
    """The frame count of an SMPTE timecode; ``;`` before the frames means drop-frame.

    >>> parse_timecode("01:00:00:00", Fraction(24)), parse_timecode("00:01:00;02", Fraction(30000, 1001))
    (86400, 1800)

    Raises:
        ValueError: not a timecode, or one that does not exist at this rate.
    """
    match = _TIMECODE.match(text)
    if not match:
        raise ValueError(f"{text!r} is not a timecode like 01:00:00:00")
    hours, minutes, seconds, frame = (int(match[k]) for k in (1, 2, 3, 5))
    base, drop_frame = nominal_rate(rate), match[4] == ";"
    if minutes > 59 or seconds > 59 or frame >= base:
        raise ValueError(f"timecode {text!r} does not exist at {base} frames a second")
    total = ((hours * 60 + minutes) * 60 + seconds) * base + frame
    if drop_frame:
        dropped = _dropped_per_minute(rate)
        if seconds == 0 and frame < dropped and minutes % 10:
            raise ValueError(f"{text!r} is one of the numbers that drop-frame timecode leaves out")
        total_minutes = hours * 60 + minutes
        total -= dropped * (total_minutes - total_minutes // 10)
    return total
