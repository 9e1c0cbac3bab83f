"""The effects of Final Cut Pro 7 XML: transitions, levels, speeds and scales, and the rate that everything there is counted by."""

from fractions import Fraction
from typing import Final
from xml.etree import ElementTree as ET

from kling_post.edit.timeline import Clip, StemClip, Timeline
from kling_post.exports.placing import retimed
from kling_post.exports.xml_file import child
from kling_post.timebase import is_ntsc, nominal_rate
from kling_post.vocabulary import Fit

LOUDEST_DB: Final = 12.0
"""The format's level runs to 3.98 times, which is 12 dB."""


def put_transition(track: ET.Element, start: int, frames: int, timeline: Timeline, kind: str) -> None:
    """A cross dissolve of the picture, or a crossfade of equal power of the sound."""
    made = child(track, "transitionitem")
    child(made, "start", start)
    child(made, "end", start + frames)
    child(made, "alignment", "center")
    put_rate(made, timeline.rate)
    effect = child(made, "effect")
    picture = kind == "video"
    child(effect, "name", "Cross Dissolve" if picture else "Cross Fade (+3dB)")
    child(effect, "effectid", "Cross Dissolve" if picture else "KGAudioTransCrossFade3dB")
    if picture:
        child(effect, "effectcategory", "Dissolve")
    child(effect, "effecttype", "transition")
    child(effect, "mediatype", kind)
    child(effect, "wipecode", 0)
    child(effect, "wipeaccuracy", 100)
    child(effect, "startratio", 0)
    child(effect, "endratio", 1)
    child(effect, "reverse", "FALSE")


def _effect(item: ET.Element, name: str, effect_id: str, category: str, kind: str) -> ET.Element:
    effect = child(child(item, "filter"), "effect")
    child(effect, "name", name)
    child(effect, "effectid", effect_id)
    child(effect, "effectcategory", category)
    child(effect, "effecttype", category)
    child(effect, "mediatype", kind)
    return effect


def _parameter(effect: ET.Element, parameter_id: str, name: str, **values: object) -> ET.Element:
    made = child(effect, "parameter")
    child(made, "parameterid", parameter_id)
    child(made, "name", name)
    for tag, value in values.items():
        child(made, tag, value)
    return made


def put_level(item: ET.Element, gain_db: float, *, fades: StemClip | None = None) -> None:
    """The level as a factor; fades are key frames at frames of the source."""
    effect = _effect(item, "Audio Levels", "audiolevels", "audiolevels", "audio")
    full = f"{10 ** (min(gain_db, LOUDEST_DB) / 20):.5f}"
    level = _parameter(effect, "level", "Level", valuemin=0, valuemax="3.98107", value=full)
    if fades is None or not (fades.fade_in_frames or fades.fade_out_frames):
        return
    start, stop = fades.source.start, fades.source.stop
    points = [(start, "0"), (start + fades.fade_in_frames, full)] if fades.fade_in_frames else [(start, full)]
    points += [(stop - fades.fade_out_frames, full), (stop, "0")] if fades.fade_out_frames else [(stop, full)]
    for when, value in dict.fromkeys(points):
        key = child(level, "keyframe")
        child(key, "when", when)
        child(key, "value", value)


def put_speed(item: ET.Element, clip: Clip, timeline: Timeline, kind: str) -> None:
    """A constant speed, where it is not the clip's own."""
    speed = retimed(clip, timeline)
    if speed == 1:
        return
    effect = _effect(item, "Time Remap", "timeremap", "motion", kind)
    _parameter(effect, "variablespeed", "variablespeed", valuemin=0, valuemax=1, value=0)
    _parameter(effect, "speed", "speed", valuemin=-100_000, valuemax=100_000, value=f"{float(100 * speed):.6g}")
    _parameter(effect, "reverse", "reverse", value="FALSE")
    _parameter(effect, "frameblending", "frameblending", value="FALSE")


def put_scale(item: ET.Element, clip: Clip, timeline: Timeline) -> None:
    """How a picture of another size fits, in percent of its own pixels."""
    size, own = timeline.size, clip.facts.size
    if own == size:
        return
    across, down = size.width / (own.width * float(clip.facts.sample_aspect)), size.height / own.height
    factor = {Fit.FIT: min(across, down), Fit.FILL: max(across, down), Fit.CROP: 1.0}[clip.fit]
    effect = _effect(item, "Basic Motion", "basic", "motion", "video")
    _parameter(effect, "scale", "Scale", valuemin=0, valuemax=1000, value=f"{100 * factor:.4f}")


def put_rate(parent: ET.Element, rate: Fraction) -> None:
    """A rate as a whole number and whether it is one of the 1000/1001 family."""
    made = child(parent, "rate")
    child(made, "timebase", nominal_rate(rate))
    child(made, "ntsc", "TRUE" if is_ntsc(rate) else "FALSE")
