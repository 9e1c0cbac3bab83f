"""One decode for all signals, none where all is known, and never a wrong number from a broken cache."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame

from kling_post.errors import MediaError
from kling_post.media import ahead
from kling_post.media.pictures import pictures
from kling_post.media.probe import probe
from kling_post.signals.cache import read_series, write_series
from kling_post.signals.registry import all_signals
from kling_post.signals.runner import measure


class Heard:
    """A progress that remembers."""

    def __init__(self) -> None:
        self.started: list[tuple[str, int]] = []
        self.done: list[int] = []
        self.notes: list[str] = []

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        assert unit == "frames"
        self.started.append((label, total))

    def advance(self, done: int) -> None:
        self.done.append(done)

    def finish(self, note: str = "") -> None:
        self.notes.append(note)


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files whose picture was decoded."""
    seen: list[Path] = []

    def counting(path: Path, **options: Any) -> Iterator[tuple[int, VideoFrame]]:
        seen.append(path)
        return pictures(path, **options)

    monkeypatch.setattr(ahead, "pictures", counting)
    return seen


def test_all_signals_come_from_one_decode(small_clip: Path, decodes: list[Path]) -> None:
    progress = Heard()
    measured = measure(small_clip, probe(small_clip), progress=progress)
    assert decodes == [small_clip]
    assert set(all_signals()) <= set(measured.signals)
    assert all(len(measured.signals[name]["mean" if name == "luma" else next(iter(measured.signals[name]))]) for name in all_signals())
    assert measured.loudness is not None
    assert measured.loudness.integrated_lufs == pytest.approx(-20.0, abs=0.5)
    assert not measured.from_cache
    assert progress.started == [(f"measuring {small_clip.name}", 12)]
    assert progress.done == list(range(1, 13))


def test_what_is_known_is_not_measured_again(small_clip: Path, tmp_path: Path, decodes: list[Path]) -> None:
    facts, progress = probe(small_clip), Heard()
    first = measure(small_clip, facts, cache_folder=tmp_path)
    second = measure(small_clip, facts, cache_folder=tmp_path, progress=progress)
    assert decodes == [small_clip]
    assert second.from_cache
    assert progress.notes == ["known from an earlier run"]
    assert second.loudness == first.loudness
    for name, series in first.signals.items():
        for key, values in series.items():
            np.testing.assert_array_equal(values, second.signals[name][key])


def test_one_missing_signal_is_measured_alone(small_clip: Path, tmp_path: Path, decodes: list[Path]) -> None:
    facts = probe(small_clip)
    first = measure(small_clip, facts, cache_folder=tmp_path)
    next(tmp_path.rglob("*.motion.*.npz")).unlink()
    again = measure(small_clip, facts, cache_folder=tmp_path)
    assert len(decodes) == 2
    np.testing.assert_array_equal(again.signals["motion"]["median"], first.signals["motion"]["median"])


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_a_broken_cache_file_is_measured_anew(small_clip: Path, tmp_path: Path, content: bytes | None) -> None:
    facts = probe(small_clip)
    first = measure(small_clip, facts, cache_folder=tmp_path)
    for stored in tmp_path.rglob("*.luma.*.npz"):
        stored.write_bytes(stored.read_bytes()[:-40] if content is None else content)
    again = measure(small_clip, facts, cache_folder=tmp_path)
    assert not again.from_cache
    np.testing.assert_array_equal(again.signals["luma"]["mean"], first.signals["luma"]["mean"])
    assert measure(small_clip, facts, cache_folder=tmp_path).from_cache


def test_a_cached_series_of_another_length_is_not_believed(small_clip: Path, tmp_path: Path) -> None:
    facts = probe(small_clip)
    measure(small_clip, facts, cache_folder=tmp_path)
    write_series(tmp_path, facts.sha256, "luma", all_signals()["luma"].version, {"mean": np.zeros(3)})
    assert len(measure(small_clip, facts, cache_folder=tmp_path).signals["luma"]["mean"]) == 12


def test_the_cache_holds_only_whole_files_under_their_names(tmp_path: Path) -> None:
    write_series(tmp_path, "a" * 64, "luma", 3, {"mean": np.arange(4.0)})
    names = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert names == [f"{'a' * 64}.luma.3.npz"]
    stored = read_series(tmp_path, "a" * 64, "luma", 3)
    assert stored is not None
    assert stored["mean"].tolist() == [0, 1, 2, 3]
    assert read_series(tmp_path, "a" * 64, "luma", 4) is None


def test_a_file_that_breaks_off_raises_and_leaves_no_cache(small_clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(small_clip.read_bytes())
    facts = probe(broken)
    import av

    with av.open(str(broken)) as container:
        places = [(packet.pos or 0, packet.size) for packet in container.demux(video=0) if packet.size]
    whole = bytearray(broken.read_bytes())
    whole[places[6][0] : places[6][0] + 4] = b"\xff\xff\xff\xff"
    broken.write_bytes(whole)
    with pytest.raises(MediaError, match="cannot be decoded"):
        measure(broken, facts, cache_folder=tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*luma*"))


def test_the_ends_are_compared_with_the_given_stills(small_clip: Path, tmp_path: Path) -> None:
    from PIL import Image

    from kling_post.media.decode import decode_rgb
    from kling_post.vocabulary import TakePlan

    facts = probe(small_clip)
    Image.fromarray(decode_rgb(small_clip, 11)).save(tmp_path / "last.png")
    (tmp_path / "first.png").write_text("no image")
    plan = TakePlan(first_image=tmp_path / "first.png", last_image=tmp_path / "last.png")
    for _ in range(2):
        given = measure(small_clip, facts, names=["luma"], plan=plan, cache_folder=tmp_path / "cache").signals["given_images"]
        assert list(given) == ["last"]
        assert given["last"][0] > 0.999
        assert given["last"][1] < 0.5
