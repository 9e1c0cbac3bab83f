"""How loud a bed of room tone must be in each band so that the floor of what it lies under becomes that of the other side of the join.

A floor is a low percentile, so the level of a noise does not follow from it alone, nor do two floors add: the bed is laid, the floor is
measured by the seams' own measure, and each band is corrected by what it still lacks.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import SampleRange, ToneBand, ToneBed
from kling_post.edit.tone_bed import with_beds
from kling_post.seams.room_tone import band_centres, in_band, noise_floor_dbfs

Stereo = NDArray[np.float32]
Floats = NDArray[np.float64]

_HIGHEST_HERTZ: Final = 16_500.0
"""Twice as high as rooms are compared: a bed without the top would sound dull."""
_LEAST_STEP_DB: Final = 1.0
"""A band that lacks less is left as it is."""
_BANDS: Final = 3
_WORTH_DB: Final = 3.0
"""So much must this many bands lack for a bed to be worth it: half of what the seams allow a room to step."""
_ROUNDS: Final = 5
_MOST_CORRECTED: Final = 4.0
"""Of a band's power in one round."""
_QUIET_ROOM_DBFS: Final = -50.0
_FRAME: Final = 8192
_QUIETEST: Final = 0.1
_LEAST_FRAMES: Final = 8
_LEAST_FLATNESS: Final = 0.6
"""Noise has 0.66 and more, also behind AAC; tones, music and hum less than 0.4."""


def fitted_bed(room: Stereo, under: Stereo, sample_rate: int, *, full: SampleRange, eased_samples: int, seed: int) -> ToneBed | None:
    """The bed that gives ``under`` the floor of ``room``.

    None where it lacks nothing that matters, or no noise but a tone or music, or where either is too short to tell.

    Args:
        room: (samples, 2) of the clip whose room is laid.
        under: (samples, 2) of the clip that it is laid under, what is nearest to ``room``.
        sample_rate: Of both.
        full: As in the bed.
        eased_samples: As in the bed.
        seed: As in the bed.
    """
    wanted, own = _floors_dbfs(room, sample_rate), _floors_dbfs(under, sample_rate)
    if not (wanted.size and own.size):
        return None
    noise, correlation = _noise_of(room, sample_rate)
    lacks_db = np.where(noise[:, None], wanted - own, 0.0)
    if np.sort(lacks_db.mean(axis=1))[-_BANDS] < _WORTH_DB:
        return None
    lacks = np.where(lacks_db >= _LEAST_STEP_DB, _power(wanted) - _power(own), 0.0)
    centres = band_centres(sample_rate, _HIGHEST_HERTZ)

    def bed(powers: Floats, over: SampleRange) -> ToneBed:
        levels = np.round(10 * np.log10(powers + 1e-15), 2)
        bands = tuple(
            ToneBand(hertz=float(hertz), left_dbfs=float(left), right_dbfs=float(right))
            for hertz, (left, right) in zip(centres, levels, strict=True)
        )
        return ToneBed(bands=bands, full=over, eased_samples=eased_samples, correlation=correlation, seed=seed)

    powers = lacks
    for _ in range(_ROUNDS):
        laid = with_beds(under, [bed(powers, SampleRange(start=0, stop=len(under)))], sample_rate)
        gained = np.maximum(_power(_floors_dbfs(laid, sample_rate)) - _power(own), 1e-12)
        powers = powers * np.clip(lacks / gained, 1 / _MOST_CORRECTED, _MOST_CORRECTED)
    return bed(powers, full)


def _noise_of(sound: Stereo, sample_rate: int) -> tuple[NDArray[np.bool_], float]:
    """In which bands (bands,) a room is noise that noise can stand for, and the correlation of left and right in them, 0 to 1.

    Noise has a flat spectrum within a band (geometric over arithmetic mean, of the band's quietest tenth); a tone has not, and leaks into
    the bands beside it.
    """
    starts = np.arange(0, len(sound) - _FRAME + 1, _FRAME // 4)
    frames = sound.astype(np.float64)[starts[:, None] + np.arange(_FRAME)] * np.hanning(_FRAME)[:, None]
    spectra = np.fft.rfft(frames, axis=1)
    power = (np.abs(spectra) ** 2).sum(axis=2) + 1e-12
    places = np.fft.rfftfreq(_FRAME, 1 / sample_rate)
    flatness, shared = [], []
    for centre in band_centres(sample_rate, _HIGHEST_HERTZ):
        inside = in_band(places, centre)
        quietest = np.argsort(power[:, inside].sum(axis=1))[: max(_LEAST_FRAMES, round(_QUIETEST * len(power)))]
        mean = power[quietest][:, inside].mean(axis=0)
        flatness.append(float(np.exp(np.log(mean).mean()) / mean.mean()))
        left, right = np.moveaxis(spectra[quietest][:, inside], 2, 0)
        energy = float(np.linalg.norm(left) * np.linalg.norm(right))
        shared.append(float(np.vdot(left, right).real) / energy if energy > 0 else 0.0)
    tonal = np.array(flatness) < _LEAST_FLATNESS
    noise = ~np.convolve(tonal, np.ones(3, bool), "same")
    likeness = float(np.median(np.array(shared)[noise])) if noise.any() else 0.0
    return noise, round(min(max(likeness, 0.0), 1.0), 3)


def buries(bed: ToneBed, under: Stereo) -> bool:
    """Whether a bed is louder than all that it is laid under, and than a quiet room: then it is no room tone but a sound of its own."""
    own = float(10 * np.log10(np.mean(under.astype(np.float64) ** 2) + 1e-12))
    return level_dbfs(bed) > max(own, _QUIET_ROOM_DBFS)


def level_dbfs(bed: ToneBed) -> float:
    """The root mean square of a bed, both channels together, in dB of full scale."""
    return float(10 * np.log10(_power(np.array([(band.left_dbfs, band.right_dbfs) for band in bed.bands])).sum() / 2))


def _floors_dbfs(sound: Stereo, sample_rate: int) -> Floats:
    """(bands, 2)."""
    return np.stack([noise_floor_dbfs(sound[:, side : side + 1], sample_rate, highest_hertz=_HIGHEST_HERTZ) for side in (0, 1)], axis=1)


def _power(dbfs: Floats) -> Floats:
    return np.asarray(10 ** (dbfs / 10))
