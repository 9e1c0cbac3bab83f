"""The resources of an FCPXML document, formats, assets and effects, and how it writes time."""

from fractions import Fraction
from xml.etree import ElementTree as ET

from kling_post.edit.timeline import Alternate, Clip, StemClip, Timeline
from kling_post.exports.addresses import file_url
from kling_post.exports.placing import source_start_frame
from kling_post.exports.xml_file import allowed, child
from kling_post.vocabulary import MediaFacts, Size


class Resources:
    """Formats, assets and effects, each written once and known by its id."""

    def __init__(self, resources: ET.Element, timeline: Timeline) -> None:
        self._resources = resources
        self._ids: dict[object, str] = {}
        self.format(timeline.rate, timeline.size)

    def _new(self, key: object) -> str:
        self._ids[key] = f"r{len(self._ids) + 1}"
        return self._ids[key]

    def format(self, rate: Fraction, size: Size) -> str:
        """The id of a picture's format."""
        key = ("format", rate, size)
        if key not in self._ids:
            frame = f"{rate.denominator}/{rate.numerator}s"
            child(
                self._resources,
                "format",
                id=self._new(key),
                frameDuration=frame,
                width=str(size.width),
                height=str(size.height),
                colorSpace="1-1-1 (Rec. 709)",
            )
        return self._ids[key]

    def effect(self, name: str, uid: str) -> str:
        """The id of one of Final Cut Pro's effects."""
        if uid not in self._ids:
            child(self._resources, "effect", id=self._new(uid), name=name, uid=uid)
        return self._ids[uid]

    def asset(self, clip: Clip | Alternate, rate: Fraction) -> str:
        """The id of a take's file."""
        facts = clip.facts
        if clip.path not in self._ids:
            picture = self.format(facts.rate, facts.size)
            asset = child(
                self._resources,
                "asset",
                id=self._new(clip.path),
                name=allowed(clip.path.name),
                uid=facts.sha256[:32].upper(),
                start=time_text(own_start(clip, rate), facts.rate),
                duration=time_text(facts.frames, facts.rate),
                hasVideo="1",
                videoSources="1",
                format=picture,
                **_sound_attributes(facts),
            )
            child(asset, "media-rep", kind="original-media", src=file_url(clip))
        return self._ids[clip.path]

    def sound(self, clip: StemClip) -> str:
        """The id of a stem's file."""
        file = clip.file
        if file.path not in self._ids:
            asset = child(
                self._resources,
                "asset",
                id=self._new(file.path),
                name=allowed(file.path.name),
                uid=file.sha256[:32].upper(),
                start="0s",
                duration=time_text(round(file.duration_seconds * file.sample_rate), Fraction(file.sample_rate)),
                hasAudio="1",
                audioSources="1",
                audioChannels=str(file.channels),
                audioRate=str(file.sample_rate),
            )
            child(asset, "media-rep", kind="original-media", src=file_url(clip))
        return self._ids[file.path]


def _sound_attributes(facts: MediaFacts) -> dict[str, str]:
    if facts.audio is None:
        return {}
    return {"hasAudio": "1", "audioSources": "1", "audioChannels": str(facts.audio.channels), "audioRate": str(facts.audio.sample_rate)}


def own_start(clip: Clip | Alternate, rate: Fraction) -> int:
    """The take's first timecode in frames of its own rate."""
    return round(Fraction(source_start_frame(clip, rate)) / rate * clip.facts.rate)


def seconds_text(seconds: Fraction) -> str:
    """An instant as FCPXML's fraction of a second."""
    return f"{seconds.numerator}/{seconds.denominator}s" if seconds else "0s"


def time_text(frames: int, rate: Fraction) -> str:
    """Frames as FCPXML's fraction of a second, on the grid of the rate."""
    return f"{frames * rate.denominator}/{rate.numerator}s" if frames else "0s"
