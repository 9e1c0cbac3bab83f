"""Encoder options from a user's command line: read as words, never by a shell, and only those that tune an encoder.

What would add inputs or outputs, read or write other files, or break a profile's promises (pixel format, colour, frame rate, codec)
is refused before anything runs.
"""

import difflib
import re
import shlex
from typing import Final

from kling_post.errors import UsageError

_ALLOWED: Final = frozenset(
    {
        *("crf", "qp", "q:v", "qscale:v", "preset", "tune", "b:v", "maxrate", "bufsize", "maxrate:v", "bufsize:v", "b:a", "threads"),
        *("g", "bf", "refs", "rc-lookahead", "aq-mode", "aq-strength", "psy-rd", "bits_per_mb", "mbs_per_slice", "quant_mat"),
        *("level", "level:v", "x264-params", "x265-params", "svtav1-params", "me_range", "subq", "qcomp", "qmin", "qmax"),
    }
)
_LISTS: Final = ("x264-params", "x265-params", "svtav1-params")
_LIST_KEYS: Final = frozenset(
    {
        *(
            "aq-mode",
            "aq-strength",
            "psy-rd",
            "psy-rdoq",
            "rdoq-level",
            "deblock",
            "rc-lookahead",
            "ref",
            "bframes",
            "me",
            "subme",
            "merange",
        ),
        *(
            "rd",
            "ctu",
            "sao",
            "no-sao",
            "vbv-maxrate",
            "vbv-bufsize",
            "keyint",
            "min-keyint",
            "scenecut",
            "qcomp",
            "qpmin",
            "qpmax",
            "trellis",
        ),
        *("pools", "frame-threads", "threads", "lookahead-threads", "tune", "film-grain", "film-grain-denoise", "enable-qm", "scd", "lp"),
        *("enable-overlays", "lookahead", "tile-columns", "tile-rows", "sharpness", "variance-boost-strength", "enable-variance-boost"),
        *(
            "strong-intra-smoothing",
            "limit-sao",
            "selective-sao",
            "rskip",
            "b-adapt",
            "mbtree",
            "cutree",
            "b-pyramid",
            "weightp",
            "weightb",
        ),
    }
)
_VALUE: Final = re.compile(r"^(-?[0-9]|[A-Za-z])[A-Za-z0-9_.,+\-]*$")


def checked_options(text: str) -> dict[str, str]:
    """The options of ``-crf 14 -preset slow`` by name, without the dash.

    Raises:
        UsageError: a word that is no option, an option that is not for tuning, or a value that could be anything but a setting.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--ffmpeg-arguments: {error}.", remedy="Close every quotation mark.") from error
    options: dict[str, str] = {}
    position = 0
    while position < len(words):
        name = _name(words[position])
        if position + 1 == len(words):
            raise UsageError(f"--ffmpeg-arguments: -{name} has no value.", remedy="Each option is followed by its value.")
        options[name] = _value(name, words[position + 1])
        position += 2
    return options


def _name(word: str) -> str:
    if not word.startswith("-"):
        raise UsageError(
            f"--ffmpeg-arguments: {word!r} is no option; a bare word would be an output file.", remedy="Write options as -crf 14."
        )
    name = word[1:]
    if name not in _ALLOWED:
        near = difflib.get_close_matches(name, sorted(_ALLOWED), 1)
        hint = f" Did you mean -{near[0]}?" if near else ""
        raise UsageError(
            f"--ffmpeg-arguments: -{name} is not an option that tunes an encoder.{hint}",
            remedy=f"Codec, colour, size, rate and container belong to the profile. Allowed are {', '.join(sorted(_ALLOWED))}.",
        )
    return name


def _value(name: str, value: str) -> str:
    if name not in _LISTS:
        if not _VALUE.match(value):
            raise UsageError(f"--ffmpeg-arguments: {value!r} is no value for -{name}.")
        return value
    for pair in value.split(":"):
        key, _, setting = pair.partition("=")
        if key not in _LIST_KEYS or (setting and not _VALUE.match(setting)):
            raise UsageError(
                f"--ffmpeg-arguments: {pair!r} is not allowed in -{name}.",
                remedy=f"Allowed are {', '.join(sorted(_LIST_KEYS))}; files, colour and GOP structure belong to the profile.",
            )
    return value
