"""The waivers of a review as the YAML list that checks and gates read."""

from collections.abc import Sequence
from glob import escape
from io import StringIO
from pathlib import Path

from kling_post.review.verdicts import FindingWaived
from kling_post.whole_files import write_whole


def waivers_path(folder: Path) -> Path:
    """Where the waivers of a run's review lie."""
    return folder / "review" / "waivers.yaml"


def write_waivers(folder: Path, waivers: Sequence[FindingWaived]) -> Path:
    """Write the list anew; it is the review's own, beside any that the project has. An empty list waives nothing."""
    from ruamel.yaml import YAML

    entries = [
        {
            "check": waiver.check,
            # A file name is meant as it stands, also where it has brackets or stars in it.
            "clip": escape(waiver.subject),
            **({"frames": list(waiver.frames)} if waiver.frames is not None else {}),
            "owner": waiver.by or "a reviewer",
            "reason": waiver.reason,
            "expires": waiver.expires,
        }
        for waiver in waivers
    ]
    text = StringIO()
    YAML(typ="rt").dump(entries, text)
    path = waivers_path(folder)
    write_whole(path, text.getvalue())
    return path
