"""The review as a folder for somebody who has no server: a page, the proxies, the sound of the seams. Verdicts come back as a file."""

import hashlib
import os
import shutil
from pathlib import Path

from kling_post.errors import KlingPostError, MediaError
from kling_post.progress import SILENT, Progress
from kling_post.review.page_files import static_page
from kling_post.review.ranks import ranked_shots
from kling_post.review.room import log_path, proxy_shelf, sources_of
from kling_post.review.seam_sound import seam_sound, sound_path
from kling_post.review.session import ReviewSession
from kling_post.review.stills import still
from kling_post.review.values import session_json, verdicts_json
from kling_post.review.verdicts import VerdictLog
from kling_post.whole_files import write_whole


def write_static(session: ReviewSession, folder: Path, *, progress: Progress = SILENT) -> Path:
    """Write the folder; returns its page, ``index.html``.

    A take whose proxy cannot be made is named on the page with the reason, and costs nobody the rest.

    Raises:
        OSError: the folder cannot be written.
        InvalidInputError: the run's verdicts cannot be read.
    """
    shelf, sources = proxy_shelf(session), sources_of(session)
    media: dict[str, str] = {}
    states: dict[str, dict[str, object]] = {}
    stills: dict[str, str] = {}
    for key in sources:
        try:
            media[key] = _copied(shelf.make(key, progress=progress), folder, f"media/{key}.mp4")
            states[key] = {"state": "ready", "done": 1, "why": ""}
        except KlingPostError as error:
            states[key] = {"state": "failed", "done": 0, "why": str(error)}
        if key in session.takes:
            _still(session, key, folder, stills)
    verdicts = VerdictLog(log_path(session.folder)).read()
    data = {
        "key": _key(session),
        "session": session_json(session, ranked_shots(session, verdicts), reviewer=""),
        "state": verdicts_json(verdicts),
        "proxies": states,
        "media": media,
        "stills": stills,
        "seam_sounds": _seam_sounds(session, folder),
    }
    write_whole(folder / "index.html", static_page(data))
    return folder / "index.html"


def _still(session: ReviewSession, key: str, folder: Path, stills: dict[str, str]) -> None:
    take = session.takes[key]
    try:
        made = still(take.path, take.frames // 2, key=key, folder=session.folder / "review" / "cache" / "stills", full=False)
    except MediaError:
        return
    stills[key] = _copied(made, folder, f"stills/{key}.webp")


def _seam_sounds(session: ReviewSession, folder: Path) -> dict[int, str]:
    sounds: dict[int, str] = {}
    for place in range(len(session.seams)):
        try:
            made = seam_sound(session, place, sound_path(session, place))
        except (KlingPostError, KeyError):
            continue
        if made is not None:
            sounds[place] = _copied(made, folder, f"seams/{place}.wav")
    return sounds


def _copied(source: Path, folder: Path, name: str) -> str:
    """A file linked into the folder, or copied where the disk cannot link."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        shutil.copyfile(source, part)
    part.replace(target)
    return name


def _key(session: ReviewSession) -> str:
    """Names this run in a browser's storage: other takes, other verdicts."""
    return hashlib.sha256(" ".join(session.takes).encode()).hexdigest()[:16]
