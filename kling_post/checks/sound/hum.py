"""Is there mains hum or a whine under the sound, the same from beginning to end?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import Series, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundHumLimits:
    """What makes a steady line of the spectrum a fault."""

    audible_dbfs: float = -72.0
    """A line of this level is heard in the pauses of a programme at -23 LUFS that is played loud."""
    loudest_hum_dbfs: float = -26.0
    """A steady 50 Hz louder than this is a bass note."""
    spread_db: float = 1.8
    """Scatter of its level over time, besides what noise as loud as its neighbours gives a steady tone: of noise alone it is 5.6 dB, of
    notes and voices more."""
    hum_spread_db: float = 2.0
    """The same of a line on the mains: on so few frequencies less is there by chance."""
    hum_prominence_db: float = 9.0
    """Over its neighbours where the sound is quiet: in the pauses hum is heard."""
    hum_alone_db: float = 10.0
    """The same for a single line at the mains frequency or twice it; facts of the trade ask for 10 to 12 in quiet stretches."""
    hum_tolerance_hertz: float = 0.6
    """Mains keep to 0.2 Hz; the rest is the measurement's."""
    whine_prominence_db: float = 10.0
    whine_from_hertz: float = 1000.0
    whine_to_hertz: float = 18_500.0
    loudest_whine_dbfs: float = -34.0
    """A louder one is a note, or a test tone."""
    whine_drop_db: float = 2.0
    """For a twentieth of the time it may drop so far below its middle, besides what such noise takes from it: notes that follow each
    other on one pitch leave a gap."""
    whine_most_lines: int = 4
    """More steady lines than this are a chord or a synthesizer."""
    least_windows: int = 8
    """A second and a half: a shorter clip may hold one note."""


_HIGHEST_OVERTONE, _OVERTONE_TOLERANCE = 8, 0.004
_LOWEST_AMONG = 4
"""Hum has one of the first multiples of the mains; an engine or a horn may have two of the others by chance."""
_LEAST_LEFT = 0.05
"""Of a tone's height; nearer to nothing, phase no longer tells."""


class SoundHum:
    """Mains hum at 50 or 60 Hz with its harmonics, and steady whines."""

    name = "sound_hum"
    title = "Hum and whine"
    needs = ()
    limits = SoundHumLimits()

    def judge(self, subject: Subject, limits: SoundHumLimits) -> Answer:
        """A finding for hum, and one for the strongest whine."""
        lines = heard(subject, "sound_lines")
        if lines is None:
            return not_measured(self.name, subject)
        if not lines["windows"].size or lines["windows"][0] < limits.least_windows:
            return Answer()
        hum, whine = (_steady(lines, spread, limits) for spread in (limits.hum_spread_db, limits.spread_db))
        findings = [self._hum(lines, mains, hum, limits) for mains in (50, 60)]
        return Answer(findings=tuple(each for each in (*findings, self._whine(lines, whine, limits)) if each is not None))

    def _hum(self, lines: Series, mains: int, steady: NDArray[np.bool_], limits: SoundHumLimits) -> Finding | None:
        multiple = np.rint(lines["hertz"] / mains)
        on_it = (multiple >= 1) & (multiple <= 12) & (np.abs(lines["hertz"] - multiple * mains) <= limits.hum_tolerance_hertz)
        found = np.flatnonzero(steady & on_it & (lines["quiet_prominence_db"] >= limits.hum_prominence_db))
        if not len(found) or multiple[found[0]] > _LOWEST_AMONG or _belongs_to_the_other(multiple[found], mains):
            return None
        strongest = found[lines["dbfs"][found].argmax()]
        if lines["dbfs"][strongest] > limits.loudest_hum_dbfs:
            return None
        alone = len(found) == 1
        if alone and (multiple[strongest] > 2 or lines["quiet_prominence_db"][strongest] < limits.hum_alone_db):
            return None
        named = ", ".join(f"{lines['hertz'][each]:.0f}" for each in found[:5])
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=None,
            measured=float(lines["quiet_prominence_db"][strongest]),
            limit=limits.hum_alone_db if alone else limits.hum_prominence_db,
            unit="dB",
            message=f"Mains hum: steady lines at {named} Hz, the strongest at {lines['dbfs'][strongest]:.0f} dBFS.",
            source=f"spectrum of the quieter moments, multiples of {mains} Hz",
            remedy="Take it out with narrow notches at these frequencies.",
        )

    def _whine(self, lines: Series, steady: NDArray[np.bool_], limits: SoundHumLimits) -> Finding | None:
        high = (lines["hertz"] >= limits.whine_from_hertz) & (lines["hertz"] <= limits.whine_to_hertz)
        lasting = lines["drop_db"] <= limits.whine_drop_db + _noise_drop_db(lines["prominence_db"])
        alone = ~_overtones(lines["hertz"], np.where(steady, lines["dbfs"], -np.inf))
        found = np.flatnonzero(steady & high & lasting & alone & (lines["prominence_db"] >= limits.whine_prominence_db))
        if not 0 < len(found) <= limits.whine_most_lines:
            return None
        strongest = found[lines["prominence_db"][found].argmax()]
        if lines["dbfs"][strongest] > limits.loudest_whine_dbfs:
            return None
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=None,
            measured=float(lines["prominence_db"][strongest]),
            limit=limits.whine_prominence_db,
            unit="dB",
            message=(
                f"A steady whine at {lines['hertz'][strongest]:.0f} Hz, {lines['dbfs'][strongest]:.0f} dBFS, "
                f"{lines['prominence_db'][strongest]:.0f} dB over its surroundings."
            ),
            source="spectrum over the whole take",
            remedy="Take it out with a narrow notch.",
        )


def _steady(lines: Series, spread_db: float, limits: SoundHumLimits) -> NDArray[np.bool_]:
    """Which lines keep their level, as far as the noise around lets them, and are heard."""
    spread = np.hypot(spread_db, _noise_spread_db(lines["prominence_db"]))
    return np.asarray((lines["spread_db"] <= spread) & (lines["dbfs"] >= limits.audible_dbfs), bool)


def _noise_deviation(prominence_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the height of a steady tone, the standard deviation that noise gives it whose middle power lies so far below.

    The part of the noise in phase with the tone is normally distributed; its variance is half the mean power, which is the middle
    power over ln 2.
    """
    return np.asarray(10 ** (-prominence_db / 20) / np.sqrt(2 * np.log(2)), np.float64)


def _noise_spread_db(prominence_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same in decibels."""
    return np.asarray(20 / np.log(10) * _noise_deviation(prominence_db), np.float64)


def _noise_drop_db(prominence_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far such a tone drops for a twentieth of the time."""
    return np.asarray(-20 * np.log10(np.maximum(1 - 1.645 * _noise_deviation(prominence_db), _LEAST_LEFT)), np.float64)


def _overtones(hertz: NDArray[np.float64], dbfs: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which lines are the second to the eighth multiple of a louder one: overtones of a note."""
    ratio = hertz[:, None] / hertz
    multiple = np.rint(ratio)
    on_it = (multiple >= 2) & (multiple <= _HIGHEST_OVERTONE) & (np.abs(ratio - multiple) <= _OVERTONE_TOLERANCE)
    return np.asarray((on_it & (dbfs > dbfs[:, None])).any(axis=1), bool)


def _belongs_to_the_other(multiples: NDArray[np.float64], mains: int) -> bool:
    """Whether all of these are multiples of 300 Hz, which both mains have, and so say nothing."""
    return bool(np.all(multiples * mains % 300 == 0))


CHECK = SoundHum()
