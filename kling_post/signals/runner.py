"""One decode, one pass: all signals of a file that are not known yet, and the loudness of its sound beside them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from kling_post.errors import MediaError
from kling_post.media.ahead import FramesAhead
from kling_post.media.frames import FrameView
from kling_post.progress import SILENT, Progress
from kling_post.signals.cache import read_series, write_series
from kling_post.signals.picture import given_images
from kling_post.signals.registry import all_signals
from kling_post.signals.signal import Series, Signal
from kling_post.vocabulary import Loudness, MediaFacts, TakePlan

if TYPE_CHECKING:
    from kling_post.signals.sound.runner import Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All series of one file, of the picture's signals and of the sound's, by signal name."""

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
    plan: TakePlan | None = None,
    frames: Iterable[FrameView] | None = None,
) -> Measured:
    """Every signal of a file, or those in ``names``, and its loudness.

    The picture is decoded at most once, in a thread of its own, and the sound at the same time in another. No more than a handful of
    frames is held, so memory does not grow with length (the numbers do: about twelve kilobytes a frame).

    Args:
        path: The file.
        facts: What ``probe`` said of it.
        cache_folder: Where series are kept by content; None keeps nothing.
        progress: Told of frames measured; told that nothing was to do where all was known.
        names: Signals wanted; None for all.
        plan: What was ordered: where it names stills, the first and last frame are compared with them.
        frames: All frames of the file where somebody decodes them already; None decodes here.

    Raises:
        MediaError: a frame or the sound cannot be decoded.
        KeyError: a name that no signal has.
    """
    known = all_signals()
    wanted = [known[name] for name in (known if names is None else names)]
    stored = {signal.name: _stored(cache_folder, facts, signal) for signal in wanted}
    series = {name: found for name, found in stored.items() if found is not None}
    missing = [signal for signal in wanted if signal.name not in series]
    progress.start(f"measuring {path.name}", facts.frames)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sound") as pool:
        sound = pool.submit(_heard, path, facts, cache_folder)
        if missing:
            fresh = _measure_picture(path, facts, missing, progress, frames)
            series.update(fresh)
            if cache_folder:
                for signal in missing:
                    write_series(cache_folder, facts.sha256, signal.name, signal.version, fresh[signal.name])
        heard = sound.result()
    from_cache = not missing and heard.from_cache
    progress.finish("known from an earlier run" if from_cache else "")
    if plan and (plan.first_image or plan.last_image):
        series[given_images.NAME] = given_images.measure_given_images(path, facts, plan, cache_folder=cache_folder)
    return Measured(signals={**series, **heard.signals}, loudness=heard.loudness, from_cache=from_cache)


def _heard(path: Path, facts: MediaFacts, cache_folder: Path | None) -> "Heard":
    from kling_post.signals.sound.runner import Heard, measure_sound

    if facts.audio is None:
        return Heard(signals={}, loudness=None, from_cache=True)
    return measure_sound(path, facts, cache_folder=cache_folder)


def _stored(cache_folder: Path | None, facts: MediaFacts, signal: Signal) -> Series | None:
    """The known series of a signal, if they are there and as long as the clip."""
    if cache_folder is None:
        return None
    series = read_series(cache_folder, facts.sha256, signal.name, signal.version)
    if not series or facts.frames not in {len(values) for values in series.values()}:
        return None
    return series


def _measure_picture(
    path: Path, facts: MediaFacts, signals: Collection[Signal], progress: Progress, frames: Iterable[FrameView] | None
) -> dict[str, Series]:
    collectors = {signal.name: signal.collector(facts) for signal in signals}
    previous: FrameView | None = None
    with _one_opencv_thread(), nullcontext(frames) if frames is not None else FramesAhead(path) as found:
        for frame in found:
            for collector in collectors.values():
                collector.add(frame, previous)
            previous = frame
            progress.advance(frame.index + 1)
    if previous is None:
        raise MediaError("holds no picture that can be decoded.", path=path)
    previous = None
    return {name: collectors.pop(name).finish() for name in list(collectors)}


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    # The decoder's threads already use every core; OpenCV's own would only get in their way.
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
