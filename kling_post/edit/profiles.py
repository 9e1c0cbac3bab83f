"""The files that an editor or a platform asks for, each one line of a table: mezzanines, masters, proxies, web files, stills.

Every profile has the source's frame count and rate; all but the web file carry its start timecode. Colour is BT.709 limited range,
converted where the source differs and tagged in the stream and in the container. What was written is read back before it is
believed, so that no encoder option, not even one of the user's own, can break a profile's promises unnoticed.
"""

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from kling_post.edit.encoder_options import checked_options
from kling_post.errors import EncodeError, InvalidInputError, MediaError, UsageError
from kling_post.media.disk import writing_into
from kling_post.media.probe import probe
from kling_post.media.stills import write_stills
from kling_post.media.tags import container_tags
from kling_post.media.transcode import SAMPLE_RATE, Coding, transcode
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import MediaFacts, Size

_VERSION: Final = 1
"""Raise it when the same source and profile would give another file."""
_KEY: Final = "kling_post_delivery"
"""The container tag that says what a delivery was made from: with the same source and settings it is not made again."""

_PCM: Final = {"c:a": "pcm_s24le", "ar": str(SAMPLE_RATE)}


def _aac(kilobits: int) -> Mapping[str, str]:
    return {"c:a": "aac", "b:a": f"{kilobits}k", "ar": str(SAMPLE_RATE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of delivery."""

    name: str
    title: str
    bit_depth: int
    coding: Coding | None
    """None for stills, which are no movie."""


_X264: Final = {"c:v": "libx264", "preset": "medium", "profile:v": "high", "bf": "2", "x264-params": "open-gop=0:force-cfr=1"}
_X265: Final = "open-gop=0:keyint={gop}:min-keyint={gop}:colorprim=1:transfer=1:colormatrix=1:range=limited:repeat-headers=1:log-level=1"

PROFILES: Final = (
    Profile(
        name="h264-web",
        title="H.264 High, 8-bit 4:2:0, closed GOP of half a second, AAC 384 kb/s, MP4: for platforms and browsers",
        bit_depth=8,
        coding=Coding(
            suffix=".mp4",
            video=_X264 | {"crf": "17", "g": "{half_gop}"},
            pixel_format="yuv420p",
            sound=_aac(384),
            copies_sound="aac",
            has_timecode=False,
        ),
    ),
    Profile(
        name="h265-main10",
        title="H.265 Main 10, 10-bit 4:2:0, closed GOP of a second, AAC 320 kb/s, MP4 (hvc1): master",
        bit_depth=10,
        coding=Coding(
            suffix=".mp4",
            video={"c:v": "libx265", "preset": "fast", "crf": "16", "tag:v": "hvc1", "x265-params": _X265},
            pixel_format="yuv420p10le",
            sound=_aac(320),
            copies_sound="aac",
            smallest=Size(16, 16),
        ),
    ),
    Profile(
        name="av1",
        title="AV1 Main, 10-bit 4:2:0, closed GOP of two seconds, AAC 320 kb/s, MP4: small archive copy",
        bit_depth=10,
        coding=Coding(
            suffix=".mp4",
            video={"c:v": "libsvtav1", "preset": "8", "crf": "22", "g": "{two_gop}"},
            pixel_format="yuv420p10le",
            sound=_aac(320),
            copies_sound="aac",
            smallest=Size(64, 64),
        ),
    ),
    Profile(
        name="prores-hq",
        title="ProRes 422 HQ, 10-bit 4:2:2, PCM 24-bit, MOV: mezzanine for every NLE",
        bit_depth=10,
        coding=Coding(
            suffix=".mov",
            video={"c:v": "prores_ks", "profile:v": "3", "vendor": "apl0"},
            pixel_format="yuv422p10le",
            sound=_PCM,
        ),
    ),
    Profile(
        name="dnxhr-hqx",
        title="DNxHR HQX, 10-bit 4:2:2, PCM 24-bit, MOV: mezzanine for Avid, and for Resolve on Linux",
        bit_depth=10,
        coding=Coding(
            suffix=".mov",
            video={"c:v": "dnxhd", "profile:v": "dnxhr_hqx"},
            pixel_format="yuv422p10le",
            sound=_PCM,
            smallest=Size(256, 120),
        ),
    ),
    Profile(
        name="proxy",
        title="ProRes 422 Proxy at half the size, same name, timecode and frame count, PCM 24-bit, MOV: for offline editing",
        bit_depth=10,
        coding=Coding(
            suffix=".mov",
            # Ffmpeg's other ProRes encoder: a twentieth of the CPU at this size, with twice the bytes where there is much grain.
            video={"c:v": "prores_aw", "profile:v": "0", "vendor": "apl0"},
            pixel_format="yuv422p10le",
            sound=_PCM,
            scale=Fraction(1, 2),
        ),
    ),
    Profile(
        name="stills",
        title="PNG, RGB, one each second (or every n frames), 16 bits where the source has more than 8",
        bit_depth=8,
        coding=None,
    ),
)
"""Every profile there is; what the table says is what ffmpeg is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What was written for one source."""

    profile: Profile
    source: MediaFacts
    paths: tuple[Path, ...]
    """One file; of stills, one each."""
    facts: MediaFacts | None
    """Read back from the written file; None for stills."""


def profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        UsageError: there is none; the nearest name is told.
    """
    names = [each.name for each in PROFILES]
    for each in PROFILES:
        if each.name == name.strip().lower():
            return each
    near = difflib.get_close_matches(name.lower(), names, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise UsageError(f"There is no delivery profile {name!r}.", remedy=f"{hint}There are {', '.join(names)}.")


def deliver_files(
    sources: Sequence[Path],
    wanted: Profile,
    *,
    folder: Path,
    ffmpeg_arguments: str = "",
    every_frames: int | None = None,
    progress: Progress = SILENT,
) -> tuple[Delivered, ...]:
    """Write each source in the profile, under its own name, into ``folder``.

    Args:
        sources: masters, or takes: any files that this package reads.
        wanted: the profile.
        folder: of what is written; made where it is missing.
        ffmpeg_arguments: encoder options in place of the table's, ``-crf 14 -preset slow``.
        every_frames: distance of the stills; None means a second. For ``stills`` only.
        progress: told the frames written.

    Raises:
        UsageError: options that are not for an encoder's tuning, or two sources of one name.
        InvalidInputError: a source that the profile cannot hold, or that would be overwritten.
        MediaError: a source cannot be read.
        EncodeError: the encoder failed, or what it wrote is not what the profile promises; then the file is removed.
    """
    more = checked_options(ffmpeg_arguments)
    if wanted.coding is None and more:
        raise UsageError("Stills take no encoder options.")
    if wanted.coding is not None and every_frames is not None:
        raise UsageError("A distance between frames is for the profile 'stills' only.")
    targets = _targets(sources, wanted, folder)
    all_facts = [probe(path) for path in sources]
    with writing_into(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(
            _deliver(facts, target, wanted, more, every_frames, progress) for facts, target in zip(all_facts, targets, strict=True)
        )


def _targets(sources: Sequence[Path], wanted: Profile, folder: Path) -> list[Path]:
    suffix = "_stills" if wanted.coding is None else wanted.coding.suffix
    targets = [folder / f"{path.stem}{suffix}" for path in sources]
    for path, target in zip(sources, targets, strict=True):
        if target.resolve() == path.resolve():
            raise InvalidInputError(f"{path}: would be overwritten by its own delivery.", remedy="Give another folder with --out.")
        if targets.count(target) > 1:
            raise UsageError(f"Two sources are called {path.stem!r}: one delivery would overwrite the other.", remedy="Rename one of them.")
    return targets


def _deliver(
    facts: MediaFacts, target: Path, wanted: Profile, more: Mapping[str, str], every_frames: int | None, progress: Progress
) -> Delivered:
    if wanted.coding is None:
        stills = write_stills(facts, target, every_frames=every_frames or max(1, round(facts.rate)), progress=progress)
        return Delivered(profile=wanted, source=facts, paths=stills, facts=None)
    key = _key(facts, wanted.coding, more)
    kept = _made_before(target, key)
    if kept is not None:
        progress.start(f"encode {target.name}", facts.frames)
        progress.finish("nothing has changed: kept")
        return Delivered(profile=wanted, source=facts, paths=(target,), facts=kept)
    transcode(facts, target, wanted.coding, more=more, tags={_KEY: key}, progress=progress)
    written = probe(target)
    wrong = broken_promises(facts, written, wanted)
    if wrong:
        target.unlink()
        raise EncodeError(f"{target}: came out with {'; '.join(wrong)}; it was removed.", remedy="Leave out your own encoder options.")
    return Delivered(profile=wanted, source=facts, paths=(target,), facts=written)


def _key(facts: MediaFacts, coding: Coding, more: Mapping[str, str]) -> str:
    content = [_VERSION, facts.sha256, facts.size, facts.start_timecode, asdict(coding), dict(more)]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _made_before(target: Path, key: str) -> MediaFacts | None:
    """The facts of a file that is this very delivery already; None where it is not, or cannot be read."""
    if not target.is_file():
        return None
    try:
        return probe(target) if container_tags(target).get(_KEY) == key else None
    except MediaError:
        return None


def broken_promises(source: MediaFacts, written: MediaFacts, wanted: Profile) -> tuple[str, ...]:
    """Where a written file is not what its profile promises, in words."""
    coding = wanted.coding
    assert coding is not None
    timecode = (source.start_timecode or "00:00:00:00") if coding.has_timecode else None
    promises = {
        "frames": (source.frames, written.frames),
        "frames a second": (source.rate, written.rate),
        "constant rate": (True, written.constant_rate),
        "first picture at": (Fraction(0), written.start_seconds),
        "size": (coding.size(source.size), written.size),
        "bits": (wanted.bit_depth, written.bit_depth),
        "pixel format": (coding.pixel_format, written.pixel_format),
        "primaries": ("bt709", written.color_primaries),
        "transfer": ("bt709", written.color_transfer),
        "matrix": ("bt709", written.color_matrix),
        "range": ("limited", written.color_range),
        "timecode": (timecode, written.start_timecode),
        "sound": (source.audio is not None, written.audio is not None),
    }
    return tuple(f"{what} {found} instead of {expected}" for what, (expected, found) in promises.items() if expected != found)
