"""One pass over a file's sound: its loudness and all sound signals that are not known yet.

The runner calls ``measure_sound`` beside the picture's pass and puts the series next to the picture's, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import kling_post.signals.sound as room
from kling_post.errors import MediaError
from kling_post.signals.cache import read_loudness, read_series, write_loudness, write_series
from kling_post.signals.sound.signal import SoundSeries, SoundShape, SoundSignal
from kling_post.vocabulary import Loudness, MediaFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """All that was measured of one file's sound."""

    signals: Mapping[str, SoundSeries]
    loudness: Loudness | None
    """None where the file has no sound, or none that decodes to a single sample."""
    from_cache: bool
    """Whether nothing had to be decoded."""


@cache
def all_sound_signals() -> Mapping[str, SoundSignal]:
    """Every sound signal by name: each module of this folder with a ``SOUND_SIGNAL``."""
    modules = [import_module(f"{room.__name__}.{module.name}") for module in iter_modules(room.__path__)]
    signals: list[SoundSignal] = [module.SOUND_SIGNAL for module in modules if hasattr(module, "SOUND_SIGNAL")]
    return {signal.name: signal for signal in sorted(signals, key=lambda each: each.name)}


def measure_sound(path: Path, facts: MediaFacts | None = None, *, cache_folder: Path | None = None) -> Heard:
    """Loudness and every sound signal of a file.

    Args:
        path: Any audio or video file.
        facts: What ``probe`` said of it: the key of the cache. A file without a picture has none, and is not cached.
        cache_folder: Where series are kept by content; None keeps nothing.

    Raises:
        MediaError: the file cannot be opened or its sound cannot be decoded.
    """
    folder = cache_folder if facts is not None else None
    sha256 = facts.sha256 if facts is not None else ""
    signals = all_sound_signals()
    known = {name: read_series(folder, sha256, name, signal.version) for name, signal in signals.items()} if folder else {}
    series: dict[str, SoundSeries] = {name: found for name, found in known.items() if found}
    loudness = read_loudness(folder, sha256) if folder else None
    missing = [signal for name, signal in signals.items() if name not in series]
    if not missing and loudness is not None:
        return Heard(signals=series, loudness=loudness, from_cache=True)
    fresh, loudness = _decoded(path, missing)
    if folder and loudness is not None:
        for signal in missing:
            write_series(folder, sha256, signal.name, signal.version, fresh[signal.name])
        write_loudness(folder, sha256, loudness)
    return Heard(signals={**series, **fresh}, loudness=loudness, from_cache=False)


def _decoded(path: Path, signals: list[SoundSignal]) -> tuple[dict[str, SoundSeries], Loudness | None]:
    from kling_post.media.sound import read_sound, sound_format
    from kling_post.sound.meter import LoudnessMeter

    form = sound_format(path)
    if form is None:
        return {}, None
    if form.sample_rate < LoudnessMeter.LOWEST_SAMPLE_RATE:
        raise MediaError(f"its sound has {form.sample_rate} Hz; loudness needs {LoudnessMeter.LOWEST_SAMPLE_RATE}.", path=path)
    meter = LoudnessMeter(form.sample_rate, form.channels, form.layout)
    shape = SoundShape(sample_rate=form.sample_rate, channels=form.channels)
    collectors = {signal.name: signal.collector(shape) for signal in signals}
    for block in read_sound(path):
        meter.add(block)
        for collector in collectors.values():
            collector.add(block)
    return {name: collector.finish() for name, collector in collectors.items()}, meter.result()
