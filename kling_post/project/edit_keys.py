"""The keys of the edit in a project file: tracks of music and voice, trims, speeds, framing, what is said."""

from typing import Literal

from pydantic import Field

from kling_post.project.keys import Keys

Moment = int | float | str
"""Seconds as a number, frames as ``48f``, or a timecode as ``01:00:02:00``."""
_MOMENT = "Seconds, or frames as 48f."

LevelDb = float


class DialogueKeys(Keys):
    """One line that is said in the shot."""

    text: str = Field(min_length=1)
    from_: Moment = Field(alias="from", description=f"When it begins in the take. {_MOMENT}")
    to: Moment = Field(description=f"When it ends in the take. {_MOMENT}")
    speaker: str = Field(default="", description="Who says it.")


class TrimKeys(Keys):
    """How much of the take's ends is not used; it stays as a handle."""

    head: int = Field(default=0, ge=0, description="Frames.")
    tail: int = Field(default=0, ge=0, description="Frames.")


class RetimeKeys(Keys):
    """How the take's time becomes the edit's."""

    speed: int | float | str = Field(default=1, description="2 is twice as fast, 1/2 half; 0.1 to 10.")
    cadence: Literal["auto", "retime", "nearest", "flow"] = Field(
        default="auto",
        description="Another rate: auto (nearest, but 23.976 in 24 frame for frame), retime (frame for frame at the edit's rate), nearest"
        " (repeat or leave out frames), flow (frames between made by optical flow).",
    )
    pitch: Literal["auto", "keep", "follow"] = Field(default="auto", description="Of the sound at another speed; auto keeps it.")


class TrackClipKeys(Keys):
    """A stretch of a sound file on a track."""

    file: str = Field(min_length=1, description="WAV, AIFF, FLAC, MP3, M4A or a movie, relative to this file.")
    at: Moment = Field(default=0, description=f"Where on the programme it begins. {_MOMENT} Or its timecode.")
    in_: Moment = Field(default=0, alias="in", description=f"Where in the file it begins. {_MOMENT}")
    out: Moment | None = Field(default=None, description=f"Where in the file it ends; its end, or the programme's, by default. {_MOMENT}")
    level_db: float = Field(default=0, ge=-100, le=24, description="Added to the track's.")
    fade_in: Moment = Field(default=0, description=_MOMENT)
    fade_out: Moment = Field(default=0, description=_MOMENT)


class TrackKeys(Keys):
    """A sound track beside the takes' own sound."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_ -]*$")
    role: Literal["music", "dialogue", "effects"] = "music"
    level_db: float = Field(default=0, ge=-100, le=24)
    clips: list[TrackClipKeys] = Field(min_length=1)


class EditKeys(Keys):
    """How the takes become an edit."""

    native_level_db: float = Field(default=0, ge=-100, le=24, description="Of the takes' own sound, all of it.")
    fit: Literal["fit", "fill", "crop"] = Field(
        default="fit", description="Takes of another shape: fit (black bars), fill (cut off), crop (not scaled)."
    )
    bits: Literal["auto", 8, 10] = Field(default="auto", description="Of the finished picture; auto is 10 where a take has more than 8.")
    retime: RetimeKeys = Field(default_factory=RetimeKeys, description="Of all shots that say nothing themselves.")
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="Of the dialogue, as en or pt-BR.")
    tracks: list[TrackKeys] = Field(default_factory=list, description="Music and voices beside the takes' own sound.")
