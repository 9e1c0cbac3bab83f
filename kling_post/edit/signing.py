"""The master with Content Credentials: every take an ingredient, what made it said, signed as the last step.

The signed file stands beside the master, ``<name>.signed.mp4``: the master itself stays as it was, so that a run finds it made.
"""

from pathlib import Path
from typing import Any, Final

from kling_post.edit.provenance import origin
from kling_post.edit.timeline import Clip, Timeline
from kling_post.errors import MediaError
from kling_post.media.content_credentials import Ingredient, sign
from kling_post.media.signing_identity import Identity
from kling_post.version import __version__

_IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SOURCE_TYPES: Final = {"generative model": "trainedAlgorithmicMedia", "procedural": "algorithmicMedia", "not known": "composite"}
"""By what made the takes, where all were made alike."""
_MOST_TAKES: Final = 500
"""Ingredients in one manifest; readers slow down beyond."""


def sign_master(timeline: Timeline, master: Path, *, identity: Identity, output: Path | None = None) -> Path:
    """Write the signed master.

    Args:
        timeline: the edit that the master shows.
        master: the finished file.
        identity: who signs.
        output: of the signed file; None means beside the master.

    Raises:
        MissingToolError: the extra ``provenance`` is not installed.
        MediaError: the master or a take is missing.
        InvalidInputError: the certificate cannot sign.
        EncodeError: the file cannot be written.
    """
    takes = list(dict.fromkeys(clip.path for clip in timeline.clips))[:_MOST_TAKES]
    for path in (master, *takes):
        if not path.is_file():
            raise MediaError("is not there to be signed for.", path=path, remedy="Put it back, or run again.")
    ingredients = [
        Ingredient(path=path, title=path.name, instance_id=f"xmp:iid:take-{number}")
        for number, path in enumerate(takes, start=1)
        if path.suffix.lower() in {".mp4", ".mov", ".m4v"}
    ]
    target = output or master.with_suffix(f".signed{master.suffix}")
    return sign(master, target, manifest=manifest(timeline, ingredients), ingredients=ingredients, identity=identity)


def manifest(timeline: Timeline, ingredients: list[Ingredient]) -> dict[str, Any]:
    """What the credentials say, as C2PA's JSON: made, placed, edited, and the bill of materials in short."""
    placed = [{"action": "c2pa.placed", "parameters": {"ingredientIds": [each.instance_id]}} for each in ingredients]
    actions = [{"action": "c2pa.created", "digitalSourceType": digital_source_type(timeline)}, *placed, {"action": "c2pa.edited"}]
    return {
        "claim_generator_info": [{"name": "kling-post", "version": __version__}],
        "title": timeline.name,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": "org.kling-post.materials", "data": {"clips": [_clip(clip) for clip in timeline.clips]}},
        ],
    }


def digital_source_type(timeline: Timeline) -> str:
    """The IPTC's word for how the programme came to be.

    All by one kind: that kind's. Mixed with anything generated: a composite with generated parts.
    """
    origins = {origin(clip) for clip in timeline.clips}
    if len(origins) == 1:
        return _IPTC + _SOURCE_TYPES[origins.pop()]
    return _IPTC + ("compositeWithTrainedAlgorithmicMedia" if "generative model" in origins else "composite")


def _clip(clip: Clip) -> dict[str, Any]:
    known = ("task_uuid", "model", "backend", "take", "seed", "prompt_sha256")
    return {
        "clip": clip.clip_id,
        # Two numbers and not a list: the library writes lists of small numbers as bytes.
        "record_first_frame": clip.record.start,
        "record_stop_frame": clip.record.stop,
        "take": clip.path.name,
        "take_sha256": clip.facts.sha256,
        **{name: clip.metadata[name] for name in known if name in clip.metadata},
    }
