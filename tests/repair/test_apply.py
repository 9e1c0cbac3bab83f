"""Repairs change the edit, never a take, and everything behind them moves along."""

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from kling_post.edit.assemble import with_stems
from kling_post.edit.colour import ColourTransform
from kling_post.edit.corrections import AddedGrain, Reframing
from kling_post.edit.timeline import Marker, Stem, StemClip
from kling_post.media.sound_file import sound_file
from kling_post.media.wav import write_wav
from kling_post.repair.apply import apply_repairs
from kling_post.repair.repairs import AddGrain, DissolveOver, EaseFraming, MatchColour, TrimHead, TrimTail
from kling_post.repair.sound_repairs import FadeEdges, MatchLevel, RemoveDc
from kling_post.vocabulary import FrameRange, JoinKind, Severity

Cut: TypeAlias = Any
JOIN: dict[str, Any] = {"outgoing": "half0", "incoming": "half1", "reason": "because"}


def test_a_trimmed_head_moves_the_clip_and_the_markers_behind_it(cut_in_two: Cut) -> None:
    timeline = cut_in_two()
    marker = Marker(frames=FrameRange(20, 21), name="seam", comment="", severity=Severity.REVIEW)
    repaired = apply_repairs(replace(timeline, markers=(marker,)), [TrimHead(**JOIN, frames=3)])
    assert repaired.clips[1].source == FrameRange(3, 16)
    assert repaired.clips[1].record == FrameRange(16, 29)
    assert repaired.markers[0].frames == FrameRange(17, 18)
    assert timeline.clips[1].source == FrameRange(0, 16)


def music(timeline: Any, tmp_path: Path, *records: FrameRange, fade_out_frames: int = 0) -> Any:
    """The edit with a stem of clips at these places, each from its file's beginning."""
    path = tmp_path / "theme.wav"
    write_wav(path, iter([np.zeros((96_000, 2), np.float32)]), 48_000)
    clips = tuple(
        StemClip(
            clip_id=f"music_{number}",
            name="theme.wav",
            reel="",
            file=sound_file(path),
            source=FrameRange(0, record.frames),
            record=record,
            fade_out_frames=fade_out_frames,
        )
        for number, record in enumerate(records)
    )
    return with_stems(timeline, [Stem(name="music", role="music", clips=clips)])


def places(timeline: Any) -> list[FrameRange]:
    return [clip.record for clip in timeline.stems[0].clips]


def test_a_stem_clip_behind_a_trim_stays_with_its_picture(cut_in_two: Cut, tmp_path: Path) -> None:
    timeline = music(cut_in_two(), tmp_path, FrameRange(22, 28))
    assert places(apply_repairs(timeline, [TrimHead(**JOIN, frames=3)])) == [FrameRange(19, 25)]
    assert places(apply_repairs(timeline, [TrimTail(**JOIN, frames=2)])) == [FrameRange(20, 26)]


def test_music_that_sounds_over_a_trim_runs_on_uncut_and_ends_with_the_programme(cut_in_two: Cut, tmp_path: Path) -> None:
    timeline = music(cut_in_two(), tmp_path, FrameRange(4, 32), fade_out_frames=6)
    (clip,) = apply_repairs(timeline, [TrimHead(**JOIN, frames=3)]).stems[0].clips
    assert (clip.record, clip.source, clip.fade_out_frames) == (FrameRange(4, 29), FrameRange(0, 25), 6)


def test_music_makes_room_for_the_clip_that_has_moved_up_behind_it(cut_in_two: Cut, tmp_path: Path) -> None:
    timeline = music(cut_in_two(), tmp_path, FrameRange(4, 20), FrameRange(20, 30))
    assert places(apply_repairs(timeline, [TrimHead(**JOIN, frames=3)])) == [FrameRange(4, 17), FrameRange(17, 27)]


def test_a_stem_clip_that_began_on_a_trimmed_frame_begins_on_the_next_one_left(cut_in_two: Cut, tmp_path: Path) -> None:
    timeline = music(cut_in_two(), tmp_path, FrameRange(17, 24))
    assert places(apply_repairs(timeline, [TrimHead(**JOIN, frames=3)])) == [FrameRange(16, 23)]


def test_a_trimmed_tail_moves_what_stands_behind_it(cut_in_two: Cut) -> None:
    repaired = apply_repairs(cut_in_two(), [TrimTail(**JOIN, frames=2)])
    assert [clip.record for clip in repaired.clips] == [FrameRange(0, 14), FrameRange(14, 30)]


def test_a_trim_that_leaves_nothing_is_refused(cut_in_two: Cut) -> None:
    with pytest.raises(ValueError, match="leave nothing of 'half1'"):
        apply_repairs(cut_in_two(), [TrimHead(**JOIN, frames=16)])


def test_a_repair_of_a_clip_that_is_not_there_is_refused(cut_in_two: Cut) -> None:
    with pytest.raises(ValueError, match="names 'gone'"):
        apply_repairs(cut_in_two(), [TrimHead(outgoing="half0", incoming="gone", reason="", frames=1)])


def test_corrections_of_the_picture_stand_beside_each_other(cut_in_two: Cut) -> None:
    transform = ColourTransform(slope=(0.9, 1.0, 1.1))
    repairs = [
        MatchColour(**JOIN, transform=transform, anchor="half0", fitted_pixels=1000),
        EaseFraming(**JOIN, reframing=Reframing(right=0.001, eased_frames=12), pixels_at_1920=1.92),
        AddGrain(**JOIN, grain=AddedGrain(sigma_codes=2.0)),
    ]
    correction = apply_repairs(cut_in_two(), repairs).clips[1].picture_correction
    assert correction is not None
    assert (correction.colour, correction.grain) == (transform, AddedGrain(sigma_codes=2.0))
    assert correction.reframing is not None


def test_every_repair_is_told_in_the_clips_metadata(cut_in_two: Cut) -> None:
    repaired = apply_repairs(cut_in_two(), [TrimHead(**JOIN, frames=1), MatchLevel(**JOIN, gain_db=-3.5)])
    told = repaired.clips[1].metadata["repairs"]
    assert told == "Leaves out 1 frame of half1's head, picture and sound. Sets half1's sound -3.5 dB, constant over the clip."
    assert repaired.clips[1].gain_db == -3.5


def test_a_dissolve_overlaps_the_clips(cut_in_two: Cut) -> None:
    repaired = apply_repairs(cut_in_two(), [DissolveOver(**JOIN, frames=6)])
    assert repaired.frames == 26
    assert repaired.clips[1].join is JoinKind.DISSOLVE


def test_fades_shape_both_sides_and_a_constant_only_its_clip(cut_in_two: Cut) -> None:
    one: dict[str, Any] = {"outgoing": "half1", "incoming": "half1", "reason": ""}
    repaired = apply_repairs(cut_in_two(), [FadeEdges(**JOIN, out_seconds=0.003, in_seconds=0.002), RemoveDc(**one, offset=(0.01, 0.0))])
    before, after = (clip.sound_correction for clip in repaired.clips)
    assert before is not None
    assert after is not None
    assert (before.fade_out_seconds, after.fade_in_seconds, after.dc_offset) == (0.003, 0.002, (0.01, 0.0))
    assert before.dc_offset == (0.0, 0.0)
