"""The OTIO bundle ``.otioz``: the edit and all its takes in one file, for another machine. As large as the takes together.

Only takes and stems in use go along; other takes would double the size. Subtitles stand in ``subtitles/``, beside what the format knows.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

from kling_post.edit.timeline import Timeline
from kling_post.errors import InvalidInputError
from kling_post.exports.addresses import file_of
from kling_post.exports.otio import to_otio
from kling_post.exports.placing import subtitles
from kling_post.exports.srt import to_srt
from kling_post.exports.vtt import to_vtt
from kling_post.media.disk import writing_into

SUFFIX_OF_BUNDLES = ".otioz"


def write_bundle(timeline: Timeline, path: Path) -> Path:
    """Write the bundle; it appears when it is whole.

    Raises:
        InvalidInputError: two takes of one file name, which a bundle cannot hold, or a take that is missing.
        EncodeError: the folder cannot be written to, or the disk is full.
    """
    import opentimelineio as otio

    timeline = replace(timeline, clips=tuple(replace(clip, alternates=()) for clip in timeline.clips))
    files = [*map(file_of, timeline.clips), *(file_of(clip) for stem in timeline.stems for clip in stem.clips)]
    names = Counter(each.name for each in {file.resolve() for file in files})
    repeated = [name for name, count in names.items() if count > 1]
    missing = [str(file) for file in files if not file.is_file()]
    if repeated:
        raise InvalidInputError(f"{path}: two takes are called {repeated[0]!r}; a bundle has one folder.", remedy="Rename one of them.")
    if missing:
        raise InvalidInputError(f"{path}: {missing[0]} is not there to be bundled.")
    # The library goes by the ending, so the unfinished file keeps it.
    part = path.with_name(f".{path.stem}.part{SUFFIX_OF_BUNDLES}")
    with writing_into(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        try:
            otio.adapters.write_to_file(to_otio(timeline), str(part), adapter_name="otioz")
            if subtitles(timeline):
                with ZipFile(part, "a") as bundle:
                    bundle.writestr(f"subtitles/{path.stem}.srt", to_srt(timeline))
                    bundle.writestr(f"subtitles/{path.stem}.vtt", to_vtt(timeline))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path
