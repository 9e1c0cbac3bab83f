"""Joins of real files: a chained clip whose first frame is the last one before it, encoded anew."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.probe import probe
from kling_post.pipeline.files import timeline_of_files
from kling_post.seams.inspect import inspect_seams
from kling_post.vocabulary import FrameRange, JoinKind, SeamReport, Severity, Size, Verdict

Scene = Callable[[float], NDArray[np.float32]]
RATE = Fraction(24)


def write_clip(path: Path, pictures: Iterable[NDArray[np.float32]], *, level: float | None = None) -> Path:
    """An H.264 file at CRF 18 with grain; with a 1 kHz tone in PCM where a ``level`` (peak, full scale 1) is given."""
    random = np.random.default_rng(sum(path.name.encode()))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        sound = container.add_stream("pcm_s16le", rate=48_000, layout="stereo") if level is not None else None
        count = 0
        for picture in pictures:
            codes = np.clip(np.round(16 + 219 * (picture + random.normal(0, 0.004, picture.shape))), 16, 235).astype(np.uint8)
            planes = np.concatenate([codes, np.full((90, 320), 128, np.uint8)])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
            count += 1
        container.mux(stream.encode())
        if sound is not None and level is not None:
            wave = level * 32767 * np.sin(2 * np.pi * 1000 * np.arange(count * 2000) / 48_000)
            frame = av.AudioFrame.from_ndarray(np.repeat(wave.astype(np.int16), 2)[None], format="s16", layout="stereo")
            frame.sample_rate = 48_000
            container.mux(sound.encode(frame))
            container.mux(sound.encode())
    return path


def report_on(first: Path, second: Path, join: JoinKind, **second_clip: object) -> SeamReport:
    clips = []
    place = 0
    for number, path in enumerate((first, second)):
        facts = probe(path)
        overlap = int(str(second_clip.get("dissolve_frames", 0))) if number else 0
        start = place - overlap
        clips.append(
            Clip(
                clip_id=f"pan_{number + 1}",
                name="pan",
                reel=f"PAN{number}",
                path=path,
                facts=facts,
                source=FrameRange(0, facts.frames),
                record=FrameRange(start, start + facts.frames),
                join=join if number else JoinKind.CUT,
                dissolve_frames=overlap,
            )
        )
        place = start + facts.frames
    timeline = Timeline(name="pans", rate=RATE, size=Size(320, 180), start_frame=0, clips=tuple(clips))
    (report,) = inspect_seams(timeline)
    return report


def pan(scene: Scene, first: float, frames: int = 24, speed: float = 1.0) -> list[NDArray[np.float32]]:
    return [scene(speed * (first + place)) for place in range(frames)]


@pytest.mark.parametrize(("first", "repeated"), [(24, 0), (23, 1), (21, 3)])
def test_the_frames_to_trim_from_a_chained_clip_are_counted_through_the_codec(
    tmp_path: Path, scene: Scene, first: int, repeated: int
) -> None:
    report = report_on(write_clip(tmp_path / "a.mp4", pan(scene, 0)), write_clip(tmp_path / "b.mp4", pan(scene, first)), JoinKind.CONTINUE)
    rows = {row.name: row for row in report.properties}
    assert rows["repeated frames"].measured == repeated
    assert (report.outgoing, report.incoming, report.record_frame) == ("pan_1", "pan_2", 24)
    assert report.judgement.verdict is (Verdict.FAIL if repeated else Verdict.PASS)


def test_a_chained_clip_ten_lu_louder_is_found(tmp_path: Path, scene: Scene) -> None:
    quiet = write_clip(tmp_path / "a.mov", pan(scene, 0), level=0.05)
    loud = write_clip(tmp_path / "b.mov", pan(scene, 24), level=0.05 * 10**0.5)
    report = report_on(quiet, loud, JoinKind.CONTINUE)
    row = next(row for row in report.properties if row.name == "loudness")
    assert row.measured == pytest.approx(10.0, abs=0.2)
    assert row.severity is Severity.REVIEW


def test_sound_on_one_side_only_leaves_loudness_undetermined(tmp_path: Path, scene: Scene) -> None:
    report = report_on(
        write_clip(tmp_path / "a.mp4", pan(scene, 0)), write_clip(tmp_path / "b.mov", pan(scene, 24), level=0.1), JoinKind.CONTINUE
    )
    assert [question.check for question in report.judgement.undetermined] == ["seam.loudness"]


def test_a_dissolve_between_two_scenes_is_not_judged_for_their_difference(tmp_path: Path, scene: Scene, other_scene: Scene) -> None:
    one = write_clip(tmp_path / "a.mp4", pan(scene, 0))
    other = write_clip(tmp_path / "b.mp4", [picture + np.float32(0.1) for picture in pan(other_scene, 0)])
    report = report_on(one, other, JoinKind.DISSOLVE, dissolve_frames=8)
    assert report.judgement.verdict is Verdict.PASS
    assert report.planned is JoinKind.DISSOLVE


def test_a_join_that_was_inspected_is_not_inspected_again(tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = write_clip(tmp_path / "a.mp4", pan(scene, 0)), write_clip(tmp_path / "b.mp4", pan(scene, 23))
    timeline = timeline_of_files("pans", [one, two], join=JoinKind.CONTINUE)
    first = inspect_seams(timeline, cache_folder=tmp_path / "signals")
    monkeypatch.setattr("kling_post.seams.inspect.evidence_of", None)
    assert inspect_seams(timeline, cache_folder=tmp_path / "signals") == first
    # The same join behind another clip: the report moves along, with its findings.
    longer = timeline_of_files("pans", [one, one, two], join=JoinKind.CONTINUE)
    monkeypatch.undo()
    moved = inspect_seams(longer, cache_folder=tmp_path / "signals")[1]
    assert (moved.record_frame, moved.outgoing, moved.properties) == (48, longer.clips[1].clip_id, first[0].properties)
    shift = [
        (a.frames.start - b.frames.start)
        for a, b in zip(moved.judgement.findings, first[0].judgement.findings, strict=True)
        if a.frames and b.frames
    ]
    assert shift
    assert set(shift) == {24}


def melting(one: Scene, other: Scene, share_of: Callable[[int], float], first: int) -> list[NDArray[np.float32]]:
    """Sixteen frames of two shots that are mixed."""
    places = range(first, first + 16)
    return [(1 - share_of(place)) * one(0.5 * place) + share_of(place) * other(0.5 * place) for place in places]


def test_joins_that_nobody_planned_are_judged_as_what_is_seen(tmp_path: Path, scene: Scene, other_scene: Scene) -> None:
    files = [
        write_clip(tmp_path / name, pictures)
        for name, pictures in (("a.mp4", pan(scene, 0)), ("b.mp4", pan(scene, 24)), ("c.mp4", pan(other_scene, 0)))
    ]
    reports = inspect_seams(timeline_of_files("pans", files), as_seen=True)
    assert [report.planned for report in reports] == [None, None]
    assert [report.meant for report in reports] == [JoinKind.CONTINUE, JoinKind.CUT]
    assert [report.goes_on for report in reports] == [True, False]
    assert [report.judgement.verdict for report in reports] == [Verdict.PASS, Verdict.PASS]


@pytest.mark.parametrize(
    ("planned", "said"),
    [(None, set()), (JoinKind.CUT, {"seam.kind"}), (JoinKind.CONTINUE, {"seam.kind"})],
    ids=["nobody has said", "cut", "continue"],
)
def test_a_dissolve_in_the_picture_disagrees_with_a_plan_only_where_there_is_one(
    tmp_path: Path, scene: Scene, other_scene: Scene, planned: JoinKind | None, said: set[str]
) -> None:
    def even(place: int) -> float:
        return float(np.clip((place - 11) / 9, 0, 1))

    files = [write_clip(tmp_path / f"{name}.mp4", melting(scene, other_scene, even, first)) for name, first in (("a", 0), ("b", 16))]
    timeline = timeline_of_files("melting", files, join=planned or JoinKind.CUT)
    first, again = (inspect_seams(timeline, as_seen=planned is None, cache_folder=tmp_path / "reports") for _ in range(2))
    assert first == again
    (report,) = first
    assert (report.planned, report.seen) == (planned, JoinKind.DISSOLVE)
    assert report.meant is (planned or JoinKind.DISSOLVE)
    assert {finding.check for finding in report.judgement.findings} == said
    assert next(row.measured for row in report.properties if row.name == "dissolve") == pytest.approx(8, abs=1)
