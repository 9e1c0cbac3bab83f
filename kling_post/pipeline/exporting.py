"""The edit as files for other programs, fresh from a run or stored beside its master, with what each could not carry."""

from collections.abc import Sequence
from pathlib import Path

from kling_post.edit.master import file_stem
from kling_post.edit.timeline import Timeline
from kling_post.edit.timeline_file import SUFFIX, read_timeline
from kling_post.errors import InvalidInputError, UsageError
from kling_post.exports.addresses import addressed
from kling_post.exports.bundle import SUFFIX_OF_BUNDLES, write_bundle
from kling_post.exports.colour import write_colour_files
from kling_post.exports.registry import all_exports, export_format
from kling_post.exports.text_file import write_text
from kling_post.media.probe import file_sha256
from kling_post.progress import Progress
from kling_post.reports.material import ExportMaterial

BUNDLE = SUFFIX_OF_BUNDLES.lstrip(".")
_ALL = "all"


def export(timeline: Timeline, folder: Path, progress: Progress, *, names: Sequence[str] = ()) -> tuple[ExportMaterial, ...]:
    """Write the timeline in the named formats, in every format that there is where none is named, and what each cannot carry.

    Raises:
        UsageError: no such format.
        InvalidInputError: a format cannot hold the edit.
        KlingPostError: a file cannot be written.
    """
    formats = tuple(export_format(name) for name in names if name != BUNDLE)
    if not names:
        formats = tuple(each for each in all_exports() if each.has_content(timeline))
    folder.mkdir(parents=True, exist_ok=True)
    progress.start("NLE files", len(formats), "files")
    written = []
    for done, each in enumerate(formats, start=1):
        path = folder / f"{file_stem(timeline.name)}{each.suffix}"
        notes = each.write(timeline, path)
        written.append(ExportMaterial(title=each.title, path=path, sha256=file_sha256(path), notes=notes))
        progress.advance(done)
    progress.finish(", ".join(item.path.name for item in written))
    if not names:
        colours = write_colour_files(timeline, folder / "colour")
        written += [ExportMaterial(title=f"Colour of a clip ({path.suffix})", path=path, sha256=file_sha256(path)) for path in colours]
    if BUNDLE in names:
        path = write_bundle(timeline, folder / f"{file_stem(timeline.name)}{SUFFIX_OF_BUNDLES}")
        written.append(ExportMaterial(title="OTIO bundle", path=path, sha256=file_sha256(path), notes=()))
    write_text(folder / f"{file_stem(timeline.name)}.fidelity.txt", _fidelity(written))
    return tuple(written)


def _fidelity(written: Sequence[ExportMaterial]) -> str:
    """What each file does not carry, for the person who opens it."""
    parts = [
        f"{item.path.name} ({item.title})\n" + "".join(f"  - {note}\n" for note in item.notes or ["carries all of it."]) for item in written
    ]
    return "\n".join(parts)


def export_again(stored: Path, *, names: Sequence[str], style: str, folder: Path | None, progress: Progress) -> tuple[ExportMaterial, ...]:
    """Export the edit that a run has stored; no take is opened, nothing is rendered.

    Args:
        stored: the stored edit, its master, or a folder that holds them.
        names: of the formats; empty, or ``all``, for every one.
        style: how paths are written (``exports.addresses``).
        folder: of what is written; None means ``exports`` beside the master's folder.
        progress: told the files written.

    Raises:
        InvalidInputError: no stored edit there, or more than one.
        UsageError: no such format or style.
    """
    source = stored_edit(stored)
    folder = folder or (source.parent.parent if source.parent.name == "master" else source.parent) / "exports"
    wanted = () if not names or _ALL in names else tuple(dict.fromkeys(names))
    timeline = read_timeline(source)
    if BUNDLE in wanted and style != "absolute":
        raise UsageError("A bundle holds its takes: there are no paths to write.", remedy="Export it without --paths.")
    return export(addressed(timeline, style, folder), folder, progress, names=wanted)


def stored_edit(place: Path) -> Path:
    """The one stored edit that a file or a folder stands for.

    Raises:
        InvalidInputError: there is none, or more than one.
    """
    if place.is_dir():
        found = sorted([*place.glob(f"*{SUFFIX}"), *place.glob(f"master/*{SUFFIX}")])
        if len(found) == 1:
            return found[0]
        what = "no stored edit" if not found else f"{len(found)} stored edits ({', '.join(path.name for path in found)})"
        raise InvalidInputError(f"{place}: holds {what}.", remedy="Name one." if found else "Run or assemble first.")
    return place if place.name.endswith(SUFFIX) else place.with_suffix(SUFFIX)
