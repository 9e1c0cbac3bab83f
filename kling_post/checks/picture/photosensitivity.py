"""Could flashes harm photosensitive viewers? A pre-check of flashes of luminance and of saturated red, never a certificate.

A flash is a pair of opposing changes of luminance; ITU-R BT.1702-3 and WCAG 2.2 (success criterion 2.3.1) allow three in a second over a
quarter of the picture. On a display with a peak of 200 cd/m2 their thresholds are the same: 20 cd/m2 (a tenth of the peak) where the
darker side is under 160 cd/m2 (0.8 of it); BT.1702 adds a contrast of 1/17 above that. A change to or from saturated red counts at any
luminance, as WCAG defines it in linear light. Looked at are the means of 144 tiles: stripes and patterns finer than a tile are not seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.blocks import blocks
from kling_post.checks.evidence.linear_light import linear_rgb
from kling_post.checks.evidence.runs import joined, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosensitivityLimits:
    """ITU-R BT.1702-3 (2023) for standard dynamic range; WCAG 2.2 agrees where it says something."""

    peak_cd_m2: float = 200.0
    """White of the display on which the footage is thought to be seen."""
    change_cd_m2: float = 20.0
    """Change of luminance from which it counts, where the darker side is under ``dark_cd_m2``."""
    dark_cd_m2: float = 160.0
    contrast: float = 1 / 17
    """Michelson contrast from which it counts where the darker side is brighter than that."""
    red_share: float = 0.8
    """R / (R + G + B) in linear light from which red is saturated: WCAG 2.2."""
    red_change: float = 20.0
    """Change of (R - G - B) * 320 to or from saturated red that counts: WCAG 2.2."""
    area: float = 0.25
    """Share of the picture that must change at once, more than this."""
    flashes_per_second: int = 3
    """As many are allowed in any second."""
    sustained_seconds: float = 5.0
    """Flashing that goes on for longer, at any rate, is for a person to see."""


class Photosensitivity:
    """Flashes of luminance and of red above the limits for photosensitive viewers."""

    name = "photosensitivity"
    title = "Photosensitivity pre-check"
    needs = ("colour", "luma")
    limits = PhotosensitivityLimits()

    def judge(self, subject: Subject, limits: PhotosensitivityLimits) -> Answer:
        """A finding per stretch and kind with too many flashes in a second, or per long stretch of allowed ones."""
        facts = subject.facts
        black, span = (0.0, 255.0) if facts.color_range == "full" else (16.0, 219.0)
        signal = np.clip((subject.signals["luma"]["tiles"].reshape(facts.frames, -1) - black) / span, 0, 1)
        light = _events(limits.peak_cd_m2 * signal**2.4, partial(_counts, limits=limits), limits)
        red = _events(_redness(subject, limits), lambda low, high: high - low > limits.red_change, limits)
        findings = self._judged(subject, light, "flashes", limits)
        told = [each.frames for each in findings if each.frames]
        # What flashes in both ways has been said.
        findings += [
            each
            for each in self._judged(subject, red, "flashes of saturated red", limits)
            if not any(each.frames and _overlap(each.frames, other) for other in told)
        ]
        return Answer(findings=tuple(findings))

    def _judged(self, subject: Subject, events: list[int], what: str, limits: PhotosensitivityLimits) -> list[Finding]:
        second = float(subject.facts.rate)
        allowed = 2 * limits.flashes_per_second
        crowded = [
            FrameRange(events[place], events[place + allowed] + 1)
            for place in range(len(events) - allowed)
            if events[place + allowed] - events[place] < second
        ]
        harmful = joined(crowded, gap=round(second))
        findings = [self._too_many(subject, frames, events, what, limits) for frames in harmful]
        flashing = joined([FrameRange(event, event + 1) for event in events], gap=round(second))
        lasting = [frames for frames in flashing if frames.frames > limits.sustained_seconds * second]
        findings += [
            self._sustained(subject, frames, limits) for frames in lasting if not any(_overlap(frames, other) for other in harmful)
        ]
        return findings

    def _too_many(self, subject: Subject, frames: FrameRange, events: list[int], what: str, limits: PhotosensitivityLimits) -> Finding:
        second = float(subject.facts.rate)
        most = max(sum(event <= other < event + second for other in events) for event in events if frames.start <= event < frames.stop)
        return self._finding(
            Severity.FAIL,
            frames,
            most / 2,
            float(limits.flashes_per_second),
            "flashes a second",
            f"{most / 2:g} {what} within a second over more than {limits.area:.0%} of the picture: {stretch(frames, subject.facts)}. "
            "May harm photosensitive viewers.",
        )

    def _sustained(self, subject: Subject, frames: FrameRange, limits: PhotosensitivityLimits) -> Finding:
        seconds = float(frames.frames / subject.facts.rate)
        message = f"Flashing at an allowed rate goes on for {seconds:.1f} s: {stretch(frames, subject.facts)}."
        return self._finding(Severity.REVIEW, frames, seconds, limits.sustained_seconds, "s", message)

    def _finding(self, severity: Severity, frames: FrameRange, measured: float, limit: float, unit: str, message: str) -> Finding:
        return Finding(
            check=self.name,
            severity=severity,
            frames=frames,
            measured=measured,
            limit=limit,
            unit=unit,
            message=message,
            code="Netflix Photosensitive Epilepsy (PSE)",
            source="ITU-R BT.1702-3 and WCAG 2.2 SC 2.3.1, flashes of luminance and red; a pre-check only",
            remedy="Lower the contrast of the flashes or leave some out, then have the programme certified.",
        )


Counts = Callable[[Values, Values], NDArray[np.bool_]]
"""Whether the step from a lower to a higher value counts, tile by tile."""


def _events(light: Values, counts: Counts, limits: PhotosensitivityLimits) -> list[int]:
    """Frames at which more than the area completes a change in one direction, each opposed to the one before."""
    # Most clips are done with at once: not even the darkest and the brightest moment are a flash apart. (What counts between brighter
    # levels is no smaller a change than what counts between dark ones.)
    if counts(light.min(axis=0), light.max(axis=0)).mean() <= limits.area:
        return []
    low, high = light[0].copy(), light[0].copy()
    state = np.zeros(light.shape[1], int)
    events: list[int] = []
    last = 0
    for frame in range(1, len(light)):
        now = light[frame]
        rises = counts(low, now) & (state <= 0)
        falls = counts(now, high) & (state >= 0)
        for moved, direction in ((rises, 1), (falls, -1)):
            if moved.mean() > limits.area and direction != last:
                events.append(frame)
                last = direction
            state[moved] = direction
        # After a change the other extreme is looked for from here on.
        low, high = np.where(rises | falls, now, np.minimum(low, now)), np.where(rises | falls, now, np.maximum(high, now))
    return events


def _counts(darker: Values, brighter: Values, *, limits: PhotosensitivityLimits) -> NDArray[np.bool_]:
    change = brighter - darker
    contrast = change / np.maximum(brighter + darker, 1e-9)
    return np.where(darker < limits.dark_cd_m2, change >= limits.change_cd_m2, (contrast >= limits.contrast) & (change > 0))


def _redness(subject: Subject, limits: PhotosensitivityLimits) -> Values:
    """(R - G - B) * 320 of tiles that are saturated red, 0 elsewhere, (frames, 144)."""
    tiles = subject.signals["colour"]["ictcp_tiles"].reshape(subject.facts.frames, -1, 3)
    wide = subject.facts.color_primaries == "bt2020"
    # Some seconds at a time: on the way to red, ten minutes of tiles would take a quarter of a gigabyte.
    return np.concatenate([_red_of(tiles[block], limits, wide=wide) for block in blocks(len(tiles))])


def _red_of(tiles: Values, limits: PhotosensitivityLimits, *, wide: bool) -> Values:
    rgb = linear_rgb(tiles, wide_primaries=wide)
    red, green, blue = np.moveaxis(rgb, -1, 0)
    saturated = red >= limits.red_share * np.maximum(rgb.sum(axis=-1), 1e-6)
    return np.asarray(np.where(saturated, np.maximum(red - green - blue, 0) * 320, 0.0))


def _overlap(one: FrameRange, other: FrameRange) -> bool:
    return one.start < other.stop and other.start < one.stop


CHECK = Photosensitivity()
