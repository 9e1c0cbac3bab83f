"""Known faults for a join: what is done to the incoming half of a take, and the step that each property really makes by it.

How strongly to alter is found on the uncompressed frames: the altered picture beside its own untouched twin, by the definition of the
property and not by the measure that is on trial, which never sees the twin. What the coded file then holds of it: ``seam_looks``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.limits import LIMITS
from kling_post.seams.side import detail_ratio
from kling_post.signals.kernels.perceptual import delta_e_itp, ictcp
from kling_post.vocabulary import JoinKind

RgbFrame = NDArray[np.uint8]
Floats = NDArray[np.float32]
Change = Callable[[Floats, float], Floats]
"""An R'G'B' picture, 0 to 1, and how strongly to alter it; 0 leaves it as it is."""

_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)
_CONTINUE = LIMITS[JoinKind.CONTINUE]
LOOKS = frozenset({"luma", "colour", "black level", "contrast", "saturation"})
"""Steps of these are what matching colours is for."""
MOVING = frozenset({"framing", "zoom", "velocity"})
"""Steps of these are movements of the picture."""
REFERENCE_WIDTH = 1920
_MOST_TRIALS = 10
_TONE_SIZE = (160, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One kind of fault of the picture."""

    name: str
    target: str
    """The property of the scorecard that must find it."""
    change: Change | None = None
    """None for those that are drawn otherwise: shift, zoom, pace and grain."""
    strongest: float = 1.0
    """Where the search for the right strength begins."""


def _mixed(frame: Floats, other: Floats | np.float32, share: float) -> Floats:
    return np.asarray(frame + np.float32(share) * (other - frame), np.float32)


def _gain(frame: Floats, strength: float) -> Floats:
    return np.asarray(frame * np.float32(1 + strength), np.float32)


def _gamma(frame: Floats, strength: float) -> Floats:
    return np.asarray(frame ** np.float32(1 / (1 + strength)), np.float32)


def _white_balance(frame: Floats, strength: float) -> Floats:
    return np.asarray(frame * np.array([1 + strength, 1, 1 - strength], np.float32), np.float32)


def _tint(frame: Floats, strength: float) -> Floats:
    return np.asarray(frame * np.array([1 + strength / 2, 1 - strength / 2, 1 + strength / 2], np.float32), np.float32)


def _contrast(frame: Floats, strength: float) -> Floats:
    return _mixed(frame, np.float32((frame @ _WEIGHTS).mean()), -strength)


def _lift(frame: Floats, strength: float) -> Floats:
    return _mixed(frame, np.float32(1), strength)


def _saturation(frame: Floats, strength: float) -> Floats:
    return _mixed(frame, (frame @ _WEIGHTS)[..., None], strength)


def _blur(frame: Floats, strength: float) -> Floats:
    return frame if strength <= 0.05 else np.asarray(cv2.GaussianBlur(frame, (0, 0), strength), np.float32)


def _sharpen(frame: Floats, strength: float) -> Floats:
    return _mixed(frame, np.asarray(cv2.GaussianBlur(frame, (0, 0), 1.0), np.float32), -strength)


ALTERATIONS: Mapping[str, Alteration] = {
    each.name: each
    for each in (
        Alteration(name="gain", target="luma", change=_gain, strongest=0.3),
        Alteration(name="gamma", target="luma", change=_gamma, strongest=0.5),
        Alteration(name="white balance", target="colour", change=_white_balance, strongest=0.5),
        Alteration(name="tint", target="colour", change=_tint, strongest=0.5),
        Alteration(name="contrast", target="contrast", change=_contrast, strongest=0.5),
        Alteration(name="lift", target="black level", change=_lift, strongest=0.3),
        Alteration(name="saturation", target="saturation", change=_saturation, strongest=0.7),
        Alteration(name="blur", target="sharpness", change=_blur, strongest=3.0),
        Alteration(name="sharpen", target="sharpness", change=_sharpen, strongest=3.0),
        Alteration(name="grain", target="grain"),
        Alteration(name="shift", target="framing"),
        Alteration(name="zoom", target="zoom"),
        Alteration(name="pace", target="velocity"),
    )
}
LIMIT_OF: Mapping[str, float] = {
    "luma": _CONTINUE.luma_percent,
    "colour": _CONTINUE.colour_delta_e_itp,
    "black level": _CONTINUE.black_percent,
    "contrast": _CONTINUE.contrast_percent,
    "saturation": _CONTINUE.saturation_percent,
    "sharpness": _CONTINUE.sharpness_percent,
    "grain": _CONTINUE.grain_code_values,
    "framing": _CONTINUE.framing_pixels,
    "zoom": _CONTINUE.zoom_percent,
    "velocity": _CONTINUE.velocity_pixels,
}


def true_steps(clean: Sequence[RgbFrame], altered: Sequence[Floats]) -> dict[str, float]:
    """The mean step of each look between frames and their altered twins, in the units of the scorecard, sign and all."""
    return steps_between(
        *(np.mean([looks(frame) for frame in frames], axis=0) for frames in ([as_floats(frame) for frame in clean], altered))
    )


def steps_between(one: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, float]:
    """The step of each look from one set of ``looks`` to another, in the units of the scorecard, sign and all."""
    lengths = {
        "luma": 100 * (other[0] - one[0]),
        "black level": 100 * (other[1] - one[1]),
        "contrast": 100 * (other[2] / one[2] - 1),
        "saturation": 100 * (other[3] - one[3]) / max(one[3], 0.01),
        "sharpness": 100 * (other[4] / one[4] - 1),
        "colour": float(delta_e_itp(one[5:], other[5:])),
    }
    return {name: float(value) for name, value in lengths.items()}


def as_floats(frame: RgbFrame) -> Floats:
    """8-bit codes as 0 to 1."""
    return frame.astype(np.float32) / np.float32(255)


def looks(frame: Floats) -> NDArray[np.float64]:
    """(8,): mean luma, black level, contrast, saturation and sharpness of an R'G'B' picture, 0 to 1, and its mean colour (ICtCp)."""
    frame = np.clip(frame, 0, 1)
    luma = frame @ _WEIGHTS
    # Tone is what is left when fine detail is averaged: what sharpening and grain do to single pixels is no matter of tone.
    dark, light = np.percentile(cv2.resize(luma, _TONE_SIZE, interpolation=cv2.INTER_AREA), (5, 95))
    small = np.asarray(cv2.resize(frame, (96, 54), interpolation=cv2.INTER_AREA), np.float32)
    grey = small @ _WEIGHTS
    chroma = np.hypot((small[..., 2] - grey) / 1.8556, (small[..., 0] - grey) / 1.5748).mean()
    colour = ictcp(small.astype(np.float64)).mean(axis=(0, 1))
    return np.array([luma.mean(), dark, light - dark, chroma, detail_ratio(luma), *colour])


def strength_for(alteration: Alteration, frames: Sequence[RgbFrame], dose: float) -> float:
    """The strength at which the target steps by ``dose`` times its limit, to a percent; the strongest where it never does.

    Found by the Illinois rule: a secant that halves the weight of an end that stays.
    """
    assert alteration.change is not None
    wanted, change = dose * LIMIT_OF[alteration.target], alteration.change

    def too_much(strength: float) -> float:
        altered = [change(as_floats(frame), strength) for frame in frames]
        return abs(true_steps(frames, altered)[alteration.target]) - wanted

    low, high, under, over = 0.0, alteration.strongest, -wanted, too_much(alteration.strongest)
    if over <= 0:
        return high
    for _ in range(_MOST_TRIALS):
        middle = low - under * (high - low) / (over - under)
        found = too_much(middle)
        if abs(found) <= 0.01 * wanted:
            return middle
        if found < 0:
            low, under, over = middle, found, over / 2
        else:
            high, over, under = middle, found, under / 2
    return (low + high) / 2


def altered_frames(name: str, frames: Sequence[RgbFrame], dose: float, rng: np.random.Generator) -> tuple[list[RgbFrame], dict[str, float]]:
    """Frames with a fault of ``dose`` times its limit, and the true step of every property; for grain see ``seam_grain``."""
    alteration = ALTERATIONS[name]
    amount = dose * LIMIT_OF.get(alteration.target, 1.0)
    steps = dict.fromkeys(LIMIT_OF, 0.0)
    if alteration.change is not None:
        strength = strength_for(alteration, frames[:: max(1, len(frames) // 3)][:3], dose)
        changed = [alteration.change(as_floats(frame), strength) for frame in frames]
        # Sharpening and blurring work on the grain as well, by an amount of their own; so does drawing the picture anew between its pixels.
        aside = {"grain": float("nan")} if alteration.target == "sharpness" else {}
        return [_codes(frame) for frame in changed], steps | true_steps(frames[::5], changed[::5]) | aside
    angle = 2 * np.pi * rng.random()
    moved = [_reframed(frame, name, amount, angle=angle, place=place) for place, frame in enumerate(frames)]
    # A change of pace moves the first frame by half of a step, which is no jump of the framing but may look like one.
    aside = {"grain": float("nan")} | ({"framing": float("nan")} if name == "pace" else {})
    return moved, steps | {alteration.target: amount} | aside


def _reframed(frame: RgbFrame, name: str, amount: float, *, angle: float, place: int) -> RgbFrame:
    """The frame shifted, enlarged, or carried on at another pace from the middle of the join on."""
    rows, columns = frame.shape[:2]
    scale = 1 + amount / 100 if name == "zoom" else 1.0
    pixels = {"shift": amount, "pace": amount * (place + 0.5)}.get(name, 0.0) * columns / REFERENCE_WIDTH
    centre = ((columns - 1) / 2, (rows - 1) / 2)
    matrix = cv2.getRotationMatrix2D(centre, 0, scale) + np.array([[0, 0, pixels * np.cos(angle)], [0, 0, pixels * np.sin(angle)]])
    moved = cv2.warpAffine(frame, matrix, (columns, rows), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)


def _codes(frame: Floats) -> RgbFrame:
    return np.clip(np.rint(frame * 255), 0, 255).astype(np.uint8)
