"""Where loudness must land, by the name of the standard or the platform, or by two numbers."""

import difflib

from kling_post.errors import UsageError
from kling_post.vocabulary import LoudnessTarget

TARGETS = (
    LoudnessTarget(
        name="ebu-r128",
        integrated_lufs=-23.0,
        tolerance_lu=0.5,
        true_peak_dbtp=-1.0,
        note="EBU R128 v5.0: programme loudness -23 LUFS, -1 dBTP.",
    ),
    LoudnessTarget(
        name="atsc-a85",
        integrated_lufs=-24.0,
        tolerance_lu=2.0,
        true_peak_dbtp=-2.0,
        note="ATSC A/85: -24 LKFS, -2 dBTP; measured over the whole programme, not over its dialogue.",
    ),
    LoudnessTarget(
        name="netflix",
        integrated_lufs=-27.0,
        tolerance_lu=2.0,
        true_peak_dbtp=-2.0,
        note="A programme-gated approximation: the specification asks for -27 LKFS over the dialogue, and no dialogue is detected here.",
    ),
    LoudnessTarget(
        name="streaming",
        integrated_lufs=-14.0,
        tolerance_lu=1.0,
        true_peak_dbtp=-1.0,
        note="The playback level of the large video and music platforms, which turn down what is louder.",
    ),
    LoudnessTarget(
        name="apple",
        integrated_lufs=-16.0,
        tolerance_lu=1.0,
        true_peak_dbtp=-1.0,
        note="Apple Sound Check and Apple Podcasts: -16 LUFS, -1 dBTP.",
    ),
    LoudnessTarget(
        name="podcast",
        integrated_lufs=-16.0,
        tolerance_lu=1.0,
        true_peak_dbtp=-1.0,
        note="Stereo speech; a mono file of the same loudness on both speakers measures -19 LUFS.",
    ),
)


def target(name_or_numbers: str) -> LoudnessTarget:
    """The target of that name, or of numbers like ``-16/-1.5``: integrated LUFS, and dBTP that must not be passed.

    Raises:
        UsageError: no such name, or numbers that no programme can have.
    """
    wanted = name_or_numbers.strip().lower()
    for known in TARGETS:
        if known.name == wanted:
            return known
    loudness, slash, peak = wanted.partition("/")
    try:
        numbers = float(loudness), float(peak) if slash else -1.0
    except ValueError:
        raise _unknown(name_or_numbers) from None
    if not (-60 <= numbers[0] <= -5 and -20 <= numbers[1] <= 0):
        raise UsageError(
            f"A loudness target of {name_or_numbers} is out of reach.",
            remedy="Integrated loudness lies between -60 and -5 LUFS, true peak between -20 and 0 dBTP.",
        )
    return LoudnessTarget(
        name=f"{numbers[0]:g}/{numbers[1]:g}", integrated_lufs=numbers[0], tolerance_lu=0.5, true_peak_dbtp=numbers[1], note="As given."
    )


def _unknown(text: str) -> UsageError:
    names = [known.name for known in TARGETS]
    near = difflib.get_close_matches(text.lower(), names, 1)
    remedy = f"Did you mean {near[0]}? " if near else ""
    return UsageError(
        f"{text!r} is no loudness target.", remedy=f"{remedy}There are {', '.join(names)}, or numbers like -16/-1.5 (LUFS/dBTP)."
    )
