"""Loudness of any files: measured, judged, and brought to a target with the picture left as it is."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import floor
from pathlib import Path

import numpy as np

from kling_post.checks.check import Subject
from kling_post.checks.registry import all_checks
from kling_post.errors import MediaError
from kling_post.media.probe import probe
from kling_post.media.sound import Samples, SoundFormat, read_sound, sound_format
from kling_post.media.soundtrack import AAC_SAMPLE_RATES, codec_for, replace_sound
from kling_post.media.wav import write_wav
from kling_post.progress import SILENT, Progress
from kling_post.signals.sound.runner import measure_sound
from kling_post.sound.delivery import DeliveredLoudness, deliver
from kling_post.sound.normalise import level_clips, programme_lufs
from kling_post.vocabulary import AudioFacts, Finding, Loudness, LoudnessTarget, MediaFacts, Size, TakePlan

_SOUND_ONLY_RATE = Fraction(100)
"""Findings about a file without a picture are placed in hundredths of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudnessReading:
    """One file's sound, measured and judged."""

    path: Path
    format: SoundFormat | None
    """None where the file has no sound."""
    loudness: Loudness | None
    facts: MediaFacts
    findings: tuple[Finding, ...]


def read_loudness(path: Path, *, progress: Progress = SILENT) -> LoudnessReading:
    """Measure a file's sound and ask every sound check about it.

    Raises:
        MediaError: not a file with picture or sound, or its sound cannot be decoded.
    """
    progress.start(f"measuring {path.name}", 0, "samples")
    found = sound_format(path)
    heard = measure_sound(path)
    facts = _facts(path, found, heard.loudness)
    subject = Subject(facts=facts, plan=TakePlan(), signals=heard.signals, loudness=heard.loudness)
    checks = [check for name, check in all_checks().items() if name.startswith("sound_")]
    findings = tuple(finding for check in checks for finding in check.judge(subject, check.limits).findings)
    progress.finish("it has no sound" if heard.loudness is None else "")
    return LoudnessReading(path=path, format=found, loudness=heard.loudness, facts=facts, findings=findings)


def album_targets(readings: Sequence[LoudnessReading], target: LoudnessTarget) -> tuple[LoudnessTarget, ...]:
    """A target for each file so that all of them, played one after the other, meet the target and keep their balance.

    Files that stand out from the rest are moved nearer first, by at most 6 dB (``level_clips``).
    """
    clips = [reading.loudness for reading in readings]
    levels = level_clips([clip for clip in clips if clip is not None])
    levelled = iter(levels)
    gains = [0.0 if clip is None else next(levelled) for clip in clips]
    together = programme_lufs([(clip, gain) for clip, gain in zip(clips, gains, strict=True) if clip is not None])
    return tuple(
        target
        if clip is None or not np.isfinite(clip.integrated_lufs)
        else replace(target, name=f"{target.name} (album)", integrated_lufs=clip.integrated_lufs + gain + target.integrated_lufs - together)
        for clip, gain in zip(clips, gains, strict=True)
    )


def normalise_file(reading: LoudnessReading, output: Path, target: LoudnessTarget, *, progress: Progress = SILENT) -> DeliveredLoudness:
    """Write ``output``: the file with its sound at the target, its picture copied packet by packet.

    A file without sound gets silence as long as its picture. Nothing is written where the target is refused.

    Raises:
        TargetRefusedError: the target cannot be met, or not without harm.
        InvalidInputError: an ending that no sound is written to.
        MediaError, EncodeError: reading or writing failed.
    """
    codec = codec_for(output)
    found = reading.format or SoundFormat(sample_rate=48_000, channels=2, layout="stereo")
    rate = found.sample_rate if codec != "aac" or found.sample_rate in AAC_SAMPLE_RATES else 48_000
    progress.start(f"normalising {reading.path.name}", 0, "samples")
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.stem}.") as folder:
        made, wav = Path(folder) / f"made{output.suffix}", Path(folder) / "sound.wav"

        def encode(blocks: Iterator[Samples]) -> Path:
            write_wav(wav, blocks, rate, bits=32)
            return replace_sound(reading.path, wav, made, channels=found.channels)

        programme = (
            partial(_silence, reading.facts, rate) if reading.format is None else partial(read_sound, reading.path, sample_rate=rate)
        )
        delivered = deliver(programme, sample_rate=rate, target=target, encode=encode, decode=read_sound, layout=found.layout)
        made.replace(output)
    note = delivered.note if reading.format is not None else "It has no sound: silence as long as its picture was written."
    progress.finish(note)
    return replace(delivered, path=output, note=note)


def _silence(facts: MediaFacts, sample_rate: int) -> Iterable[Samples]:
    return (np.zeros((round(facts.duration_seconds * sample_rate), 2), np.float32),)


def _facts(path: Path, found: SoundFormat | None, loudness: Loudness | None) -> MediaFacts:
    """What is known of the file; of one without a picture, as much as the checks of sound ask for."""
    try:
        return probe(path)
    except MediaError:
        if found is None or loudness is None:
            raise
    sound = AudioFacts(
        codec="",
        sample_rate=found.sample_rate,
        channels=found.channels,
        layout=found.layout,
        start_seconds=Fraction(0),
        duration_seconds=Fraction(loudness.duration_seconds).limit_denominator(found.sample_rate),
    )
    return MediaFacts(
        path=path,
        sha256="",
        bytes=path.stat().st_size,
        container=path.suffix.lstrip("."),
        codec="",
        profile="",
        pixel_format="",
        bit_depth=0,
        size=Size(0, 0),
        sample_aspect=Fraction(1),
        rotation_degrees=0,
        rate=_SOUND_ONLY_RATE,
        constant_rate=True,
        frames=max(1, floor(loudness.duration_seconds * _SOUND_ONLY_RATE)),
        start_seconds=Fraction(0),
        color_primaries="",
        color_transfer="",
        color_matrix="",
        color_range="unspecified",
        interlaced=False,
        start_timecode=None,
        audio=sound,
    )
