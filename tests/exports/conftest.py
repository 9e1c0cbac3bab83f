"""Edits to export: any rate, dissolves, trims, markers and names that are hard on a format."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from plain_facts import plain_facts, stereo

from kling_post.edit.assemble import EditEntry, assemble, with_stems
from kling_post.edit.timeline import Marker, Stem, StemClip, Timeline
from kling_post.media.sound_file import SoundFile
from kling_post.vocabulary import DialogueLine, FrameRange, JoinKind, MediaFacts, Retime, Severity, Size

RATES = {
    "23.976": (Fraction(24000, 1001), False),
    "24": (Fraction(24), False),
    "25": (Fraction(25), False),
    "29.97 NDF": (Fraction(30000, 1001), False),
    "29.97 DF": (Fraction(30000, 1001), True),
    "30": (Fraction(30), False),
    "50": (Fraction(50), False),
    "59.94 NDF": (Fraction(60000, 1001), False),
    "59.94 DF": (Fraction(60000, 1001), True),
    "60": (Fraction(60), False),
}
SOUND = stereo()


def take_facts(path: Path, frames: int, rate: Fraction, *, sound: bool = True, start_timecode: str | None = None) -> MediaFacts:
    return plain_facts(
        path=path,
        sha256="ab" * 32,
        size=Size(3840, 2160),
        rate=rate,
        frames=frames,
        start_timecode=start_timecode,
        audio=SOUND if sound else None,
    )


NAMES = st.sampled_from(["caravan", "Glacier Library #1", "été à l'eau", "100% amber & <gold>", '"quoted"', "雪原", "under_score-dash"])


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Edits of one to six takes at any of the trade's rates."""
    rate, drop_frame = RATES[draw(st.sampled_from(sorted(RATES)))]
    entries = []
    for index in range(draw(st.integers(1, 6))):
        frames = draw(st.integers(60, 900))
        path = Path("/footage") / draw(NAMES) / f"{draw(NAMES)} {index}.mp4"
        dissolve = draw(st.integers(0, 13))
        inner = draw(st.sampled_from([(), (30,)]))
        marker = Marker(
            frames=FrameRange(draw(st.integers(0, 20)), draw(st.integers(21, 59))),
            name=draw(NAMES),
            comment="flicker of 3 code values | at 8 Hz",
            severity=draw(st.sampled_from(list(Severity))),
        )
        more: dict[str, Any] = {"markers": (marker,)} if draw(st.booleans()) else {}
        entries.append(
            EditEntry(
                path=path,
                facts=take_facts(path, frames, rate, sound=draw(st.booleans())),
                shot_ids=(f"shot_{index}",) if not inner else (f"shot_{index}a", f"shot_{index}b"),
                names=() if inner else (f"{draw(NAMES)} {index}",),
                cut_frames=inner,
                join=JoinKind.DISSOLVE if dissolve else JoinKind.CUT,
                dissolve_frames=dissolve,
                trim_head_frames=draw(st.integers(0, 3)),
                trim_tail_frames=draw(st.integers(0, 3)),
                **more,
            )
        )
    whole = Marker(frames=FrameRange(3, 4), name="loudness", comment="", severity=Severity.INFO)
    start = draw(st.sampled_from([0, 86_400, 107_892]))
    return assemble(draw(NAMES), entries, rate=rate, start_frame=start, drop_frame=drop_frame, markers=(whole,))


@st.composite
def rich_timelines(draw: st.DrawFn) -> Timeline:
    """Edits with stems, sound that leads and trails, speeds, levels and dialogue, at any of the trade's rates."""
    rate, drop_frame = RATES[draw(st.sampled_from(sorted(RATES)))]
    entries = []
    for index in range(draw(st.integers(1, 5))):
        path = Path("/footage") / draw(NAMES) / f"{draw(NAMES)} {index}.mp4"
        dissolve = draw(st.sampled_from([0, 0, 5, 12]))
        speed = draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(1, 2), Fraction(2), Fraction(5, 4)]))
        entries.append(
            EditEntry(
                path=path,
                facts=take_facts(path, draw(st.integers(160, 900)), rate, sound=draw(st.integers(0, 3)) > 0),
                shot_ids=(f"shot_{index}",),
                join=JoinKind.DISSOLVE if dissolve else JoinKind.CUT,
                dissolve_frames=dissolve,
                trim_head_frames=draw(st.integers(8, 20)),
                trim_tail_frames=draw(st.integers(8, 20)),
                sound_shift_frames=draw(st.integers(-8, 8)) if index else 0,
                gain_db=draw(st.sampled_from([0.0, -6.5, 3.0])),
                retime=Retime(speed=speed),
                dialogue=(DialogueLine(frames=FrameRange(2, 40), text=draw(NAMES), speaker=draw(st.sampled_from(["", "Ana"]))),),
            )
        )
    timeline = assemble(draw(NAMES), entries, rate=rate, start_frame=draw(st.sampled_from([0, 86_400])), drop_frame=drop_frame)
    return with_stems(timeline, [draw(stems(timeline, number)) for number in range(draw(st.integers(0, 3)))])


@st.composite
def stems(draw: st.DrawFn, timeline: Timeline, number: int) -> Stem:
    """A stem of one or two clips, the second behind the first."""
    clips: list[StemClip] = []
    reached = 0
    for index in range(draw(st.integers(1, 2))):
        start = reached + draw(st.integers(0, timeline.frames // 4))
        frames = draw(st.integers(10, timeline.frames // 4))
        source = draw(st.integers(0, 50))
        path = Path("/sound") / f"{draw(NAMES)} {number} {index}.wav"
        file = SoundFile(
            path=path,
            sha256="cd" * 32,
            bytes=1,
            codec="pcm_s24le",
            sample_rate=48_000,
            channels=draw(st.sampled_from([1, 2])),
            duration_seconds=Fraction(timeline.frames + 60) / timeline.rate,
        )
        clips.append(
            StemClip(
                clip_id=f"stem{number}_{index}",
                name=path.name,
                reel=f"STEM{number}{index}",
                file=file,
                source=FrameRange(source, source + frames),
                record=FrameRange(start, start + frames),
                gain_db=draw(st.sampled_from([0.0, -12.0, -3.25])),
                fade_in_frames=draw(st.integers(0, 5)),
                fade_out_frames=draw(st.integers(0, 5)),
            )
        )
        reached = start + frames
    return Stem(name=f"{draw(st.sampled_from(['music', 'voice']))} {number}", role="music", clips=tuple(clips))


@pytest.fixture(scope="session")
def rich_timeline() -> st.SearchStrategy[Timeline]:
    return rich_timelines()


@pytest.fixture(scope="session")
def any_timeline() -> st.SearchStrategy[Timeline]:
    return timelines()


@pytest.fixture
def two_worlds() -> Timeline:
    """Two takes of four seconds at 24, a dissolve of 12 frames between them, one o'clock start."""
    rate = Fraction(24)
    entries = [
        EditEntry(
            path=Path("/footage/salt flats/caravan.mp4"),
            facts=take_facts(Path("/footage/salt flats/caravan.mp4"), 96, rate),
            shot_ids=("caravan_1", "caravan_2"),
            cut_frames=(48,),
            markers=(Marker(frames=FrameRange(50, 60), name="flicker", comment="3.2 code values", severity=Severity.FAIL),),
            metadata={"task": "t-1"},
        ),
        EditEntry(
            path=Path("/footage/glacier.mp4"),
            facts=take_facts(Path("/footage/glacier.mp4"), 96, rate, sound=False, start_timecode="00:00:10:00"),
            shot_ids=("glacier",),
            names=("Glacière",),
            join=JoinKind.DISSOLVE,
            dissolve_frames=12,
        ),
    ]
    return assemble("Two worlds", entries, rate=rate, start_frame=86_400)
