import math
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.conform import conform
from kling_post.edit.render import Picture, render_picture
from kling_post.edit.timeline import Timeline
from kling_post.errors import EncodeError, MediaError
from kling_post.media.encode import EncodeSettings
from kling_post.media.ffmpeg import ffmpeg_program, run_ffmpeg
from kling_post.media.probe import probe
from kling_post.media.splice import splice
from kling_post.vocabulary import JoinKind, Size

MakeTake = Callable[..., EditEntry]
RATE = Fraction(24)
DISSOLVE = {"join": JoinKind.DISSOLVE, "dissolve_frames": 8}


def decoded(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]  # type: ignore[misc]


def render(timeline: Timeline, folder: Path, **more: object) -> tuple[Picture, list[NDArray[np.uint8]]]:
    picture = render_picture(timeline, cache_folder=folder / "segments", **more)  # type: ignore[arg-type]
    splice(folder / "out.mp4", picture.stretches, rate=timeline.rate)
    return picture, decoded(folder / "out.mp4")


def nearness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """PSNR in dB."""
    error = float(np.mean((one.astype(float) - other) ** 2))
    return -10 * math.log10(max(1e-9, error / 255**2))


def plays_without_a_word(path: Path) -> bool:
    command = [ffmpeg_program(), "-v", "warning", "-xerror", "-err_detect", "explode", "-i", str(path), "-f", "null", "-"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.returncode == 0 and run.stderr == ""


def test_hard_cuts_between_whole_takes_are_copied_bit_for_bit(make_take: MakeTake, tmp_path: Path) -> None:
    entries = [make_take("a", 30), make_take("b", 31), make_take("c", 24)]
    picture, frames = render(assemble("cuts", entries, rate=RATE), tmp_path)
    assert (picture.copied_frames, picture.encoded_frames) == (85, 0)
    expected = [frame for entry in entries for frame in decoded(entry.path)]
    assert len(frames) == 85
    assert all(np.array_equal(one, other) for one, other in zip(frames, expected, strict=True))
    assert plays_without_a_word(tmp_path / "out.mp4")


def test_planned_cuts_inside_a_take_cost_nothing(make_take: MakeTake, tmp_path: Path) -> None:
    take = make_take("multi", 36, shot_ids=("one", "two", "three"), cut_frames=(11, 23))
    picture, frames = render(assemble("multi", [take], rate=RATE), tmp_path)
    assert (picture.copied_frames, len(frames)) == (36, 36)


def test_around_a_dissolve_only_the_nearest_frames_are_encoded(make_take: MakeTake, tmp_path: Path) -> None:
    entries = [make_take("a", 72), make_take("b", 72, **DISSOLVE), make_take("c", 72)]
    timeline = assemble("dissolve", entries, rate=RATE)
    picture, frames = render(timeline, tmp_path)
    assert len(frames) == timeline.frames == 208
    a, b, c = (decoded(entry.path) for entry in entries)
    # IDR frames stand every second: the incoming take is copied from its frame 24, the outgoing one up to a few before 64.
    assert picture.encoded_frames <= 8 + 16 + 3
    assert picture.copied_frames + picture.encoded_frames == 208
    assert all(np.array_equal(one, other) for one, other in zip(frames[:60], a[:60], strict=True))
    assert all(np.array_equal(one, other) for one, other in zip(frames[88:136], b[24:], strict=True))
    assert all(np.array_equal(one, other) for one, other in zip(frames[136:], c, strict=True))
    for step in range(8):
        share = (step + 1) / 9
        assert nearness(frames[64 + step], a[64 + step] * (1 - share) + b[step] * share) > 38
    assert plays_without_a_word(tmp_path / "out.mp4")


def test_every_frame_lasts_one_frame_and_the_first_stands_at_zero(make_take: MakeTake, tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    entries = [make_take("a", 40, rate=rate), make_take("b", 40, rate=rate, **DISSOLVE)]
    render(assemble("ntsc", entries, rate=rate), tmp_path)
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        times = sorted((packet.pts or 0) * (stream.time_base or 0) for packet in container.demux(stream) if packet.size)
        assert stream.average_rate == rate
    assert times[0] == 0
    assert {later - earlier for earlier, later in pairwise(times)} == {1 / rate}


def test_takes_of_different_encoder_settings_still_join(make_take: MakeTake, tmp_path: Path) -> None:
    """Their parameter sets carry the same id with other content: the longer ones are copied, the other one is encoded."""
    other = make_take("other", 24, quality=EncodeSettings(preset="ultrafast", crf=12))
    entries = [make_take("a", 48), other, make_take("b", 30)]
    picture, frames = render(assemble("mixed", entries, rate=RATE), tmp_path)
    assert (picture.copied_frames, picture.encoded_frames, len(frames)) == (78, 24, 102)
    assert min(nearness(one, two) for one, two in zip(frames[48:72], decoded(other.path), strict=True)) > 36
    assert plays_without_a_word(tmp_path / "out.mp4")


def test_a_second_run_encodes_nothing_and_a_changed_take_only_its_own_segments(make_take: MakeTake, tmp_path: Path) -> None:
    entries = [make_take("a", 60), make_take("b", 60, **DISSOLVE), make_take("c", 60, **DISSOLVE)]
    first, _ = render(assemble("again", entries, rate=RATE), tmp_path)
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "segments").iterdir()}
    second, frames = render(assemble("again", entries, rate=RATE), tmp_path)
    assert (first.reused_frames, second.reused_frames) == (0, first.encoded_frames)
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "segments").iterdir()} == kept
    changed = [*entries[:2], make_take("d", 60, **DISSOLVE)]
    third, _ = render(assemble("again", changed, rate=RATE), tmp_path)
    assert 0 < third.reused_frames < third.encoded_frames
    assert len(frames) == 164


def test_a_damaged_segment_is_made_again(make_take: MakeTake, tmp_path: Path) -> None:
    entries = [make_take("a", 30), make_take("b", 30, **DISSOLVE)]
    render(assemble("damage", entries, rate=RATE), tmp_path)
    (segment,) = (tmp_path / "segments").iterdir()
    segment.write_bytes(segment.read_bytes()[:2000])
    picture, frames = render(assemble("damage", entries, rate=RATE), tmp_path)
    assert (picture.reused_frames, len(frames)) == (0, 52)


def test_a_take_of_another_size_is_scaled_to_fit_between_black_bars(make_take: MakeTake, tmp_path: Path) -> None:
    square = make_take("square", 24, size=Size(120, 120))
    entries = [make_take("a", 24), square]
    picture, frames = render(assemble("sizes", entries, rate=RATE, size=Size(160, 90)), tmp_path)
    assert (picture.copied_frames, picture.encoded_frames) == (24, 24)
    luma = frames[30][:90]
    assert luma.shape == (90, 160)
    assert luma[:, :32].max() <= 20
    assert luma[:, 40:120].mean() > 40
    assert luma[:, 128:].max() <= 20


def test_thirty_frames_a_second_in_a_film_timeline_keep_their_length(make_take: MakeTake, tmp_path: Path) -> None:
    fast = make_take("fast", 60, rate=Fraction(30))
    _, frames = render(assemble("rates", [make_take("a", 24), fast], rate=RATE), tmp_path)
    source = decoded(fast.path)
    assert len(frames) == 24 + 48
    best = [int(np.argmax([nearness(frame, one) for one in source])) for frame in frames[24:]]
    assert best[:9] == [0, 1, 3, 4, 5, 6, 8, 9, 10]


def test_a_variable_rate_shows_at_each_moment_the_picture_of_that_moment(make_take: MakeTake, tmp_path: Path) -> None:
    """A take whose second half comes at half the rate: there each picture stands for two frames."""
    even = make_take("even", 48)
    path = tmp_path / "takes" / "variable.mp4"
    slower = "setpts='if(gt(N,23),(24+(N-24)*2)/24/TB,N/24/TB)'"
    run_ffmpeg(("-i", str(even.path), "-vf", slower, "-fps_mode", "vfr", "-c:v", "libx264", "-crf", "10"), output=path)
    facts = probe(path)
    assert not facts.constant_rate
    take = EditEntry(path=path, facts=facts, shot_ids=("variable",))
    timeline = assemble("variable", [take], rate=RATE)
    _, frames = render(timeline, tmp_path)
    source = decoded(path)
    shown = [int(np.argmax([nearness(frame, one) for one in source])) for frame in frames]
    assert shown[:24] == list(range(24))
    assert shown[24:60] == [24 + index // 2 for index in range(36)]
    assert "has a variable frame rate" in " ".join(conform(facts, rate=RATE, size=timeline.size).notes)


def test_a_changed_take_is_refused(make_take: MakeTake, tmp_path: Path) -> None:
    take = make_take("a", 24)
    stale = replace(take, facts=replace(take.facts, bytes=take.facts.bytes - 1))
    with pytest.raises(MediaError, match="has changed since it was checked"):
        render(assemble("stale", [stale], rate=RATE), tmp_path)
    take.path.unlink()
    with pytest.raises(MediaError, match=r"a\.mp4"):
        render(assemble("gone", [take], rate=RATE), tmp_path)


def test_a_killed_encoder_leaves_no_half_segment_and_the_next_run_goes_on(make_take: MakeTake, tmp_path: Path) -> None:
    entries = [make_take("a", 30), make_take("b", 30, **DISSOLVE)]
    timeline = assemble("killed", entries, rate=RATE)
    bad = EncodeSettings(preset="no such preset", crf=16)
    with pytest.raises(EncodeError):
        render(timeline, tmp_path, quality=bad)
    assert list((tmp_path / "segments").iterdir()) == []
    _, frames = render(timeline, tmp_path)
    assert len(frames) == 52
