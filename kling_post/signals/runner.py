"""One decode, one pass: all signals of a file that are not known yet, and the loudness of its sound beside them."""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2

from kling_post.errors import MediaError
from kling_post.media.decode import decode
from kling_post.media.frames import FrameView
from kling_post.progress import SILENT, Progress
from kling_post.signals.cache import read_loudness, read_series, write_loudness, write_series
from kling_post.signals.registry import all_signals
from kling_post.signals.signal import Series, Signal
from kling_post.vocabulary import Loudness, MediaFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All series of one file."""

    signals: Mapping[str, Series]
    loudness: Loudness | None
    """None where the file has no sound."""
    from_cache: bool
    """Whether everything was known already, so that nothing was decoded."""


def measure(
    path: Path,
    facts: MediaFacts,
    *,
    cache_folder: Path | None = None,
    progress: Progress = SILENT,
    names: Collection[str] | None = None,
) -> Measured:
    """Every signal of a file, or those in ``names``, and its loudness.

    The picture is decoded at most once and the sound at the same time in a thread beside it. At no time are more than two
    frames held, so memory does not grow with length (the numbers do: about three kilobytes a frame).

    Args:
        path: The file.
        facts: What ``probe`` said of it.
        cache_folder: Where series are kept by content; None keeps nothing.
        progress: Told of frames measured; told that nothing was to do where all was known.
        names: Signals wanted; None for all.

    Raises:
        MediaError: a frame or the sound cannot be decoded.
        KeyError: a name that no signal has.
    """
    known = all_signals()
    wanted = [known[name] for name in (known if names is None else names)]
    signals = {signal.name: _stored(cache_folder, facts, signal) for signal in wanted}
    missing = [signal for signal in wanted if signals[signal.name] is None]
    loudness = read_loudness(cache_folder, facts.sha256) if cache_folder and facts.audio else None
    sound_missing = facts.audio is not None and loudness is None
    progress.start(f"measuring {path.name}", facts.frames)
    if not missing and not sound_missing:
        progress.finish("known from an earlier run")
        return Measured(signals={name: series for name, series in signals.items() if series}, loudness=loudness, from_cache=True)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sound") as pool:
        sound: Future[Loudness] | None = pool.submit(_measure_sound, path) if sound_missing else None
        if missing:
            fresh = _measure_picture(path, facts, missing, progress)
            signals.update(fresh)
            if cache_folder:
                for signal in missing:
                    write_series(cache_folder, facts.sha256, signal.name, signal.version, fresh[signal.name])
        if sound:
            loudness = sound.result()
            if cache_folder:
                write_loudness(cache_folder, facts.sha256, loudness)
    progress.finish()
    return Measured(signals={name: series for name, series in signals.items() if series}, loudness=loudness, from_cache=False)


def _stored(cache_folder: Path | None, facts: MediaFacts, signal: Signal) -> Series | None:
    """The known series of a signal, if they are there and as long as the clip."""
    if cache_folder is None:
        return None
    series = read_series(cache_folder, facts.sha256, signal.name, signal.version)
    if not series or facts.frames not in {len(values) for values in series.values()}:
        return None
    return series


def _measure_picture(path: Path, facts: MediaFacts, signals: Collection[Signal], progress: Progress) -> dict[str, Series]:
    collectors = {signal.name: signal.collector(facts) for signal in signals}
    previous: FrameView | None = None
    with _one_opencv_thread():
        for frame in decode(path):
            for collector in collectors.values():
                collector.add(frame, previous)
            previous = frame
            progress.advance(frame.index + 1)
    if previous is None:
        raise MediaError("holds no picture that can be decoded.", path=path)
    return {name: collector.finish() for name, collector in collectors.items()}


def _measure_sound(path: Path) -> Loudness:
    from kling_post.media.sound import read_sound, sound_format
    from kling_post.sound.meter import LoudnessMeter

    form = sound_format(path)
    if form is None:
        raise MediaError("its sound stream holds no sound that can be decoded.", path=path)
    meter = LoudnessMeter(form.sample_rate, form.channels)
    for block in read_sound(path):
        meter.add(block)
    result: Loudness = meter.result()
    return result


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    # The decoder's threads already use every core; OpenCV's own would only get in their way.
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
