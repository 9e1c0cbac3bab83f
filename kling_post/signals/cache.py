"""Measured series on disk, one file per signal and content: an old file's numbers are never measured twice.

A file is named by the content's SHA-256, the signal and its version. It is written beside its name and renamed, so that a
reader sees a whole file or none; one that cannot be read, or does not fit the clip, counts as absent.
"""

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.vocabulary import Loudness
from kling_post.whole_files import publish

LOUDNESS_VERSION = 1
"""Raise when the meter's numbers of an old file would change."""


def read_series(folder: Path, sha256: str, signal: str, version: int) -> Mapping[str, NDArray[np.float64]] | None:
    """The stored series; None where there are none that can be read."""
    try:
        place = _place(folder, sha256, f"{signal}.{version}.npz")
        with place.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: np.asarray(stored[name], np.float64) for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def write_series(folder: Path, sha256: str, signal: str, version: int, series: Mapping[str, NDArray[np.float64]]) -> None:
    """Store a signal's series."""
    place = _place(folder, sha256, f"{signal}.{version}.npz")
    with _replacing(place) as beside, beside.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **dict(series))


def read_loudness(folder: Path, sha256: str) -> Loudness | None:
    """The stored loudness; None where there is none that can be read."""
    try:
        stored = json.loads(_place(folder, sha256, f"loudness.{LOUDNESS_VERSION}.json").read_text(encoding="utf-8"))
        for name in ("momentary_lufs", "short_term_lufs"):
            stored[name] = tuple(float(value) for value in stored[name])
        return Loudness(**stored)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_loudness(folder: Path, sha256: str, loudness: Loudness) -> None:
    """Store a loudness."""
    place = _place(folder, sha256, f"loudness.{LOUDNESS_VERSION}.json")
    with _replacing(place) as beside:
        beside.write_text(json.dumps(asdict(loudness)), encoding="utf-8")


def _place(folder: Path, sha256: str, name: str) -> Path:
    return folder / sha256[:2] / f"{sha256}.{name}"


class _replacing:  # noqa: N801 - used as a statement
    """A name beside ``place`` to write to; renamed over it at the end, removed after an error.

    Each writer has a name of its own, since two may measure the same file at once; what they write is the same. Who is done first takes
    away what lies beside the place: it is another's who will find the work done, or was left by one who was killed.
    """

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> Path:
        self._place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._place.parent, prefix=f".{self._place.name}.", suffix=".part")
        os.close(handle)
        self._beside = Path(name)
        return self._beside

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            with suppress(OSError):
                self._beside.unlink()
            return
        try:
            publish(self._beside, self._place)
        except FileNotFoundError:
            if not self._place.exists():
                raise
        for beside in self._place.parent.glob(f".{self._place.name}.*.part"):
            with suppress(OSError):
                beside.unlink()
