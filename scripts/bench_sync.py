"""Sixty clips of mixed rate, size, sound rate, channel count and sound length, each with a clap: is sound with picture at the last join?

    python scripts/bench_sync.py [--clips 60] [--markdown FILE]

A clap is a white flash and a click at the same instant of the take. In every finished file the flashes are found in the picture, the
clicks in the sound by correlation; the last clip has the timeline's own rate, so that its flash says to the frame, and its click to the
sample, what sixty joins have done. The same clips go through ffmpeg's concat filter, moviepy and ``concat -c copy``.
"""

import argparse
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.conform import conform
from kling_post.edit.master import render_master
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import FrameWriter
from kling_post.media.ffmpeg import ffmpeg_program, run_ffmpeg
from kling_post.media.probe import probe
from kling_post.media.sound import read_sound_whole
from kling_post.media.wav import write_wav
from kling_post.sound.targets import target
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import Size

RATE = Fraction(24)
FLASH_FRAMES = 4
NTSC = Fraction(24000, 1001)
WIDE, SMALL, TALL, SQUARE = Size(320, 180), Size(160, 90), Size(180, 320), Size(240, 240)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one sort of clip is like."""

    rate: Fraction
    size: Size
    codec: str = "aac"
    sample_rate: int = 48_000
    channels: int = 2
    """0 for a clip without sound."""
    longer_seconds: float = 0.0
    """By how much the sound is longer than the picture."""


KINDS = (
    Kind(rate=RATE, size=WIDE),
    Kind(rate=RATE, size=SMALL, sample_rate=44_100, channels=1),
    Kind(rate=Fraction(30), size=WIDE, longer_seconds=0.3),
    Kind(rate=NTSC, size=WIDE, codec="pcm_s16le"),
    Kind(rate=Fraction(25), size=SQUARE, longer_seconds=-0.2),
    Kind(rate=RATE, size=WIDE, channels=0),
    Kind(rate=Fraction(60), size=WIDE, sample_rate=44_100),
    Kind(rate=Fraction(16), size=TALL, sample_rate=32_000, channels=1),
    Kind(rate=Fraction(50), size=SMALL, codec="pcm_s16le", longer_seconds=-0.1),
    Kind(rate=RATE, size=WIDE, longer_seconds=0.25),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clapped:
    """A clip and the instant of its clap."""

    path: Path
    kind: Kind
    seconds: Fraction


def click(sample_rate: int) -> NDArray[np.float64]:
    """Three milliseconds of 2 kHz under a Hann window, as long at every sample rate."""
    count = round(0.003 * sample_rate)
    window = np.hanning(count + 2)[1:-1]
    return np.asarray(0.8 * window * np.sin(2 * np.pi * 2_000 * np.arange(count) / sample_rate), np.float64)


def write_clap(folder: Path, number: int, kind: Kind) -> Clapped:
    """Between one and two seconds, the clap somewhere in the middle third."""
    rng = np.random.default_rng(number)
    frames = round(kind.rate * Fraction(int(rng.integers(24, 48)), 24))
    clap = int(rng.integers(frames // 3, frames // 2))
    silent, path = folder / f"picture_{number:02d}.mp4", folder / f"clip_{number:02d}{'.mov' if kind.codec != 'aac' else '.mp4'}"
    with FrameWriter(silent if kind.channels else path, size=kind.size, rate=kind.rate) as writer:
        for frame in range(frames):
            lit = clap <= frame < clap + max(FLASH_FRAMES, round(kind.rate / 6))
            writer.write(np.full((kind.size.height, kind.size.width, 3), 250 if lit else 30 + number, np.uint8))
    if kind.channels:
        length = round((float(frames / kind.rate) + kind.longer_seconds) * kind.sample_rate)
        sound = 1e-3 * rng.standard_normal(length)
        at = round(Fraction(clap) / kind.rate * kind.sample_rate)
        sound[at : at + len(click(kind.sample_rate))] += click(kind.sample_rate)
        wav = write_wav(folder / f"{number:02d}.wav", np.repeat(sound[:, None], kind.channels, 1).astype(np.float32), kind.sample_rate)
        words = ("-i", f"file:{silent}", "-i", f"file:{wav}", "-c:v", "copy", "-c:a", kind.codec, "-movie_timescale", "240000")
        run_ffmpeg(words, output=path)
    return Clapped(path=path, kind=kind, seconds=Fraction(clap) / kind.rate)


# ----------------------------------------------------------------------------------------------- what is to be found


def flashes(path: Path) -> tuple[list[Fraction], int, bool]:
    """When each flash begins, how many frames there are, and whether each lasts as long as the next."""
    times: list[Fraction] = []
    shown: list[Fraction] = []
    dark = True
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            assert frame.pts is not None
            assert frame.time_base is not None
            picture = frame.to_ndarray(format="gray")
            middle = picture[picture.shape[0] // 2 - 8 : picture.shape[0] // 2 + 8, picture.shape[1] // 2 - 8 : picture.shape[1] // 2 + 8]
            bright = float(middle.mean()) > 160
            if bright and dark:
                times.append(frame.pts * frame.time_base)
            dark = not bright
            shown.append(frame.pts * frame.time_base)
    steps = {round(float(later - earlier), 4) for earlier, later in pairwise(shown)}
    return times, len(shown), max(steps) - min(steps) < 0.0011


def clicks(path: Path) -> list[int]:
    """The first sample of each click, at 48 kHz on the picture's clock."""
    from scipy.signal import correlate

    sound = read_sound_whole(path, sample_rate=48_000).astype(np.float64)
    likeness = np.abs(correlate(sound[:, 0], click(48_000), mode="valid", method="fft"))
    found: list[int] = []
    for at in np.flatnonzero(likeness > 0.25 * likeness.max()):
        if found and at - found[-1] < 9_600:
            if likeness[at] > likeness[found[-1]]:
                found[-1] = int(at)
        else:
            found.append(int(at))
    return found


def report(name: str, path: Path, expected: Sequence[int] | None, frames: int) -> str:
    """One line of the table; ``expected`` are the samples at which our clicks must begin."""
    seen, shown, even = flashes(path)
    heard = clicks(path)
    last = heard[-1] - round(seen[-1] * 48_000)
    worst = max(min(abs(at - round(flash * 48_000)) for flash in seen) for at in heard)
    planned = ""
    if expected is not None:
        differences = [at - wanted for at, wanted in zip(heard, expected, strict=True)]
        planned = f"{max(map(abs, differences))} (last: {differences[-1]})"
    count = f"{shown} of {frames}" if shown != frames else str(shown)
    return f"| {name} | {count} | {'yes' if even else 'no'} | {last} | {worst / 48:.1f} ms | {planned} |"


def planned_clicks(timeline: Timeline, clapped: Sequence[Clapped]) -> list[int]:
    planned = []
    for clip, clap in zip(timeline.clips, clapped, strict=True):
        if clap.kind.channels:
            speed = conform(clip.facts, rate=timeline.rate, size=timeline.size).speed
            planned.append(frames_to_samples(clip.record.start, RATE, 48_000) + round(clap.seconds / speed * 48_000))
    return planned


# ----------------------------------------------------------------------------------------------- the other ways


def with_filters(clapped: Sequence[Clapped], output: Path) -> None:
    """The recipe that people pass on: each clip to one rate, size and sound format, then the concat filter."""
    import ffmpeg

    streams = []
    for clap in clapped:
        source = ffmpeg.input(str(clap.path))
        picture = source["v:0"].filter("fps", 24).filter("scale", 320, 180, force_original_aspect_ratio="decrease")
        picture = picture.filter("pad", 320, 180, "(ow-iw)/2", "(oh-ih)/2").filter("setsar", 1)
        if clap.kind.channels:
            sound = source["a:0"].filter("aresample", 48_000).filter("aformat", channel_layouts="stereo")
        else:
            silence = ffmpeg.input("anullsrc=r=48000:cl=stereo", format="lavfi", t=float(probe(clap.path).duration_seconds))
            sound = silence["a:0"]
        streams += [picture, sound]
    joined = ffmpeg.concat(*streams, v=1, a=1).node
    command = ffmpeg.output(joined[0], joined[1], str(output), **{"c:v": "libx264", "preset": "veryfast", "c:a": "aac"}).compile()
    run_ffmpeg(command[1:-1], output=output)


def with_moviepy(clapped: Sequence[Clapped], output: Path) -> None:
    from moviepy import VideoFileClip, concatenate_videoclips

    opened = [VideoFileClip(str(clap.path)) for clap in clapped]
    joined = concatenate_videoclips(opened, method="compose")
    joined.write_videofile(str(output), fps=24, preset="veryfast", audio_codec="aac", temp_audiofile=f"{output}.m4a", logger=None)
    for each in (joined, *opened):
        each.close()


def with_concat_copy(clapped: Sequence[Clapped], output: Path) -> None:
    listing = output.with_suffix(".txt")
    listing.write_text("".join(f"file '{clap.path}'\n" for clap in clapped))
    words = ["-nostdin", "-y", "-v", "fatal", "-f", "concat", "-safe", "0", "-i", str(listing), "-c", "copy", str(output)]
    subprocess.run([ffmpeg_program(), *words], check=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clips", type=int, default=60)
    options.add_argument("--markdown", type=Path, help="write the figures there too")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clapped = [write_clap(folder, number, KINDS[number % len(KINDS)]) for number in range(chosen.clips)]
        text = compared(folder, clapped)
    print(text)
    if chosen.markdown:
        chosen.markdown.write_text(text + "\n", encoding="utf-8")


def compared(folder: Path, clapped: Sequence[Clapped]) -> str:
    entries = [EditEntry(path=clap.path, facts=probe(clap.path), shot_ids=(clap.path.stem,)) for clap in clapped]
    timeline = assemble("claps", entries, rate=RATE, size=WIDE)
    master = render_master(timeline, target=target("streaming"), folder=folder / "out")
    lines = [
        f"{len(clapped)} clips of mixed rate, size and sound, {timeline.frames} frames at 24 frames a second.",
        "",
        "| way | frames | constant rate | last clap, sound after picture (samples) | worst clap | largest distance from plan (samples) |",
        "|---|---|---|---|---|---|",
        report("kling_post", master.path, planned_clicks(timeline, clapped), timeline.frames),
    ]
    ways: tuple[tuple[str, Callable[[Sequence[Clapped], Path], None]], ...] = (
        ("ffmpeg, concat filter", with_filters),
        ("moviepy, compose", with_moviepy),
        ("concat -c copy", with_concat_copy),
    )
    for title, way in ways:
        output = folder / f"{way.__name__}.mp4"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # moviepy warns of every frame that it repeats where sound is longer
                way(clapped, output)
            lines.append(report(title, output, None, timeline.frames))
        except Exception as error:  # noqa: BLE001 - what another tool cannot do is a figure too
            lines.append(
                f"| {title} | failed: {type(error).__name__}: {str(error).splitlines()[0].replace(str(folder), '')[:90]} | | | | |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
