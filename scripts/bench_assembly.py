"""Forty conforming clips with three dissolves: smart render beside a whole re-encode, moviepy and ``concat -c copy``.

    python scripts/bench_assembly.py [--quick] [--clips 40] [--markdown FILE]

Compared by CPU seconds of one run (the wall clock of a shared machine says little). What takes too long for all the clips is run on
the first few and scaled by frames; such figures are marked. Copied frames are compared with the sources' by hashes of the decoded
pictures, made by ffmpeg, which must say nothing while it decodes the master.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.master import render_master
from kling_post.edit.plan import plan_picture
from kling_post.edit.render import take_indexes
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import H264_MASTER, FrameWriter
from kling_post.media.ffmpeg import ffmpeg_program, run_ffmpeg
from kling_post.media.probe import probe
from kling_post.media.splice import Stretch
from kling_post.media.wav import write_wav
from kling_post.sound.targets import target
from kling_post.vocabulary import JoinKind, Size

RATE = Fraction(24)
DISSOLVE_FRAMES = 12
TAKES = 3
"""Different takes; the clips are files of their own with these in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to the finished file, and what it cost."""

    name: str
    frames: int
    cpu_seconds: float
    wall_seconds: float
    note: str


def measured(name: str, frames: int, note: str, work: Callable[[], object]) -> Way:
    print(f"… {name}", file=sys.stderr, flush=True)
    before, began = os.times(), time.monotonic()
    work()
    after = os.times()
    cpu = sum(after[:4]) - sum(before[:4])  # ours and our children's, user and system
    return Way(name=name, frames=frames, cpu_seconds=cpu, wall_seconds=time.monotonic() - began, note=note)


# ----------------------------------------------------------------------------------------------- material


def write_take(path: Path, size: Size, frames: int, seed: int) -> None:
    """A soft texture with grain that slides by a few pixels a frame, a closed GOP each second, and a second tone."""
    rng = np.random.default_rng(seed)
    small = rng.integers(20, 235, (size.height // 16, size.width // 16 + frames, 3), dtype=np.uint8)
    texture: NDArray[np.uint8] = np.asarray(cv2.resize(small, None, fx=16, fy=16, interpolation=cv2.INTER_CUBIC), np.uint8)
    texture = np.asarray(cv2.add(texture, rng.integers(0, 6, texture.shape, dtype=np.uint8)), np.uint8)
    seconds = np.arange(frames * 2_000) / 48_000
    tone = (0.1 * np.sin(2 * np.pi * 220 * (seed + 1) * seconds)).astype(np.float32)
    sound = write_wav(path.with_suffix(".wav"), np.stack([tone, tone], axis=1), 48_000)
    with FrameWriter(path, size=size, rate=RATE, sound=sound) as writer:
        for frame in range(frames):
            writer.write(np.ascontiguousarray(texture[: size.height, 8 * frame : 8 * frame + size.width]))


def edit_of(takes: Sequence[Path], folder: Path, clips: int, changed: int | None = None) -> Timeline:
    """``clips`` clips with a dissolve at each quarter; clip ``changed`` shows the next take instead of its own."""
    facts = [probe(path) for path in takes]
    joins = {round(clips * quarter / 4) for quarter in (1, 2, 3)}
    entries = []
    for number in range(clips):
        which = (number + (number == changed)) % len(takes)
        path = folder / f"shot_{number:02d}{'b' if number == changed else ''}.mp4"
        if not path.exists():
            os.link(takes[which], path)
        dissolve = DISSOLVE_FRAMES if number in joins else 0
        entries.append(
            EditEntry(
                path=path,
                facts=replace(facts[which], path=path),
                shot_ids=(f"shot_{number:02d}",),
                join=JoinKind.DISSOLVE if dissolve else JoinKind.CUT,
                dissolve_frames=dissolve,
            )
        )
    return assemble("bench", entries, rate=RATE, start_frame=86_400)


# ----------------------------------------------------------------------------------------------- the other ways


def with_filters(timeline: Timeline, clips: int, output: Path) -> None:
    """Ffmpeg's own filters, one dissolve, the encoder settings of the master."""
    import ffmpeg

    first, *rest = timeline.clips[:clips]
    source = ffmpeg.input(str(first.path))
    picture, sound = source["v:0"], source["a:0"]
    for position, clip in enumerate(rest):
        more = ffmpeg.input(str(clip.path))
        if position == 0:
            offset = (first.record.frames - DISSOLVE_FRAMES) / 24
            picture = ffmpeg.filter([picture, more["v:0"]], "xfade", transition="fade", duration=DISSOLVE_FRAMES / 24, offset=offset)
            sound = ffmpeg.filter([sound, more["a:0"]], "acrossfade", d=DISSOLVE_FRAMES / 24, c1="qsin", c2="qsin")
            continue
        joined = ffmpeg.concat(picture, sound, more["v:0"], more["a:0"], v=1, a=1).node
        picture, sound = joined[0], joined[1]
    quality = {"c:v": "libx264", "preset": H264_MASTER.preset, "crf": H264_MASTER.crf, "g": 24, "threads": H264_MASTER.threads}
    command = ffmpeg.output(picture, sound, str(output), **quality, **{"c:a": "aac", "b:a": "320k"}).compile()
    run_ffmpeg(command[1:-1], output=output)


def with_moviepy(timeline: Timeline, clips: int, output: Path) -> None:
    from moviepy import VideoFileClip, concatenate_videoclips

    opened = [VideoFileClip(str(clip.path)) for clip in timeline.clips[:clips]]
    joined = concatenate_videoclips(opened)
    joined.write_videofile(
        str(output),
        codec="libx264",
        preset=H264_MASTER.preset,
        ffmpeg_params=["-crf", str(H264_MASTER.crf), "-g", "24"],
        threads=H264_MASTER.threads,
        audio_codec="aac",
        audio_bitrate="320k",
        temp_audiofile=str(output.with_suffix(".temp.m4a")),
        logger=None,
    )
    for each in (joined, *opened):
        each.close()


def with_concat_copy(timeline: Timeline, output: Path) -> str:
    """All clips by the concat demuxer: no dissolves possible. Returns what ffmpeg warned of."""
    listing = output.with_suffix(".txt")
    listing.write_text("".join(f"file '{clip.path}'\n" for clip in timeline.clips))
    command = [
        ffmpeg_program(),
        "-nostdin",
        "-y",
        "-v",
        "warning",
        "-f",
        "concat",
        "-safe",
        "0",
        "-i",
        str(listing),
        "-c",
        "copy",
        str(output),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr.strip()


# ----------------------------------------------------------------------------------------------- proof


def picture_hashes(path: Path) -> list[str]:
    """A hash of each decoded picture; raises where ffmpeg has anything to say about the file."""
    command = [ffmpeg_program(), "-nostdin", "-v", "warning", "-err_detect", "explode", "-i", str(path), "-map", "0:v:0"]
    done = subprocess.run([*command, "-f", "framehash", "-hash", "murmur3", "-"], capture_output=True, text=True, check=True)
    if done.stderr.strip():
        raise SystemExit(f"{path}: decoding it was not silent:\n{done.stderr}")
    return [line.rsplit(",", 1)[1].strip() for line in done.stdout.splitlines() if line and not line.startswith("#")]


def copied_places(timeline: Timeline) -> list[tuple[int, Path, int]]:
    """Record frame, file and its frame of everything that the plan copies."""
    places, record = [], 0
    for piece in plan_picture(timeline, take_indexes(timeline)).pieces:
        if isinstance(piece, Stretch):
            places += [(record + step, piece.index.path, piece.frames.start + step) for step in range(piece.frames.frames)]
            record += piece.frames.frames
        else:
            record += piece.length
    return places


def exact_frames(timeline: Timeline, master: Path, takes: Sequence[Path]) -> tuple[int, int]:
    """How many of the copied frames are the sources' bit for bit, and how many were to be."""
    by_bytes = {probe(take).sha256: picture_hashes(take) for take in takes}
    source = {clip.path: by_bytes[clip.facts.sha256] for clip in timeline.clips}
    shown, places = picture_hashes(master), copied_places(timeline)
    if len(shown) != timeline.frames:
        raise SystemExit(f"{master}: {len(shown)} frames instead of {timeline.frames}")
    return sum(shown[record] == source[path][frame] for record, path, frame in places), len(places)


# ----------------------------------------------------------------------------------------------- figures


def table(ways: Sequence[Way], frames: int) -> str:
    smart = ways[0]
    lines = ["| way | frames run | CPU s | wall s | CPU s for all frames | times smart render | |", "|---|---|---|---|---|---|---|"]
    for way in ways:
        whole = way.cpu_seconds * frames / way.frames if way.frames < frames else way.cpu_seconds
        scaled = f"{whole:.1f}{' (scaled)' if way.frames < frames else ''}"
        ratio = f"{whole / smart.cpu_seconds:.1f}"
        lines.append(f"| {way.name} | {way.frames} | {way.cpu_seconds:.1f} | {way.wall_seconds:.1f} | {scaled} | {ratio} | {way.note} |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="1280x720")
    options.add_argument("--clips", type=int, default=40)
    options.add_argument("--seconds", type=int, default=2, help="length of each clip")
    options.add_argument("--markdown", type=Path, help="write the figures there too")
    chosen = options.parse_args()
    size, length = Size(1280, 720) if chosen.quick else Size(3840, 2160), chosen.seconds * 24
    with tempfile.TemporaryDirectory() as name:
        text = run(Path(name), size, length, chosen.clips)
    print(text)
    if chosen.markdown:
        chosen.markdown.write_text(text + "\n", encoding="utf-8")


def run(folder: Path, size: Size, length: int, clips: int) -> str:
    takes = [folder / f"take_{number}.mp4" for number in range(TAKES)]
    for seed, path in enumerate(takes):
        write_take(path, size, length, seed)
    timeline = edit_of(takes, folder, clips)
    few = min(3, clips)
    wanted, out = target("streaming"), folder / "out"
    plan = plan_picture(timeline, take_indexes(timeline))
    encoded, copied = plan.encoded_frames, plan.copied_frames
    note = f"{copied} frames copied, {encoded} encoded; sound mixed and brought to -14 LUFS"
    ways = [measured("smart render", timeline.frames, note, lambda: render_master(timeline, target=wanted, folder=out))]
    few_frames = few * length - DISSOLVE_FRAMES
    note = f"same x264 settings ({H264_MASTER.preset}, crf {H264_MASTER.crf}), xfade; loudness as it comes"
    ways.append(measured("ffmpeg, all re-encoded", few_frames, note, lambda: with_filters(timeline, few, folder / "filters.mp4")))
    note = "same x264 settings; cuts only, colour tags lost, loudness as it comes"
    ways.append(measured("moviepy 2", 2 * length, note, lambda: with_moviepy(timeline, 2, folder / "moviepy.mp4")))
    ways.append(
        measured(
            "concat -c copy", clips * length, "cuts only, loudness as it comes", lambda: with_concat_copy(timeline, folder / "concat.mp4")
        )
    )
    exact, to_be_exact = exact_frames(timeline, out / "bench.mp4", takes)
    lines = [
        f"{clips} clips of {length} frames, {size}; {timeline.frames} frames of programme.",
        "",
        table(ways, timeline.frames),
        "",
        f"Bit-exact to the sources: {exact} of {to_be_exact} copied frames. ffmpeg decodes the master without a warning.",
        "",
        "| one shot changed | frames encoded anew | CPU s | wall s |",
        "|---|---|---|---|",
    ]
    for title, place in (("between two cuts", 1), ("behind a dissolve", round(clips / 2))):
        again = edit_of(takes, folder, clips, changed=place)
        before = set((out / ".work" / "segments").iterdir())
        way = measured(f"shot {place} changed", timeline.frames, "", lambda again=again: render_master(again, target=wanted, folder=out))  # type: ignore[misc]
        new = set((out / ".work" / "segments").iterdir()) - before
        frames = sum(probe(path).frames for path in new)
        lines.append(f"| {title} | {frames} of {timeline.frames} | {way.cpu_seconds:.1f} | {way.wall_seconds:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
