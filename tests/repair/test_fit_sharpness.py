"""A clip that comes in softer, or sharper, than the one before begins as that one ended."""

from typing import Any, TypeAlias

import cv2
import numpy as np

from kling_post.edit.timeline import Timeline
from kling_post.repair.apply import apply_repairs
from kling_post.repair.fit_sharpness import sharpness_repair
from kling_post.repair.join import Found, Join
from kling_post.repair.window import head_window, tail_window
from kling_post.seams.inspect import inspect_seams

Cut: TypeAlias = Any


def softer(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.9), np.float32)


def join_of(timeline: Timeline) -> Join:
    before, after = timeline.clips
    head = head_window(after, timeline)
    (report,) = inspect_seams(timeline)
    outgoing = tail_window(before, timeline)
    return Join(report=report, before=before, after=after, outgoing=outgoing, incoming=head, twins=head, repeated_frames=0)


def test_a_softer_clip_is_sharpened_and_the_rest_of_the_step_is_foretold(cut_in_two: Cut) -> None:
    timeline, found = cut_in_two(change=softer), Found()
    join = join_of(timeline)
    repair = sharpness_repair(join, found, frozenset())
    assert repair is not None
    (sharpness, grain) = sorted(repair.predictions, key=lambda each: each.property, reverse=True)
    assert sharpness.before < -20
    assert abs(sharpness.after) < abs(sharpness.before) / 4
    assert abs(grain.after) < grain.limit
    # It was blurred by 0.9 pixels.
    assert 0.6 < repair.refocusing.blur_pixels <= 1.4
    assert repair.does.startswith("Sharpens half1's first frame: takes back a blur of ")
    mended = apply_repairs(timeline, [repair]).clips[1].picture_correction
    assert mended is not None
    assert mended.refocusing == repair.refocusing
    assert sharpness_repair(join, found, [repair.key]) is None


def test_nothing_is_sharpened_where_nothing_steps(cut_in_two: Cut) -> None:
    found = Found()
    assert sharpness_repair(join_of(cut_in_two()), found, frozenset()) is None
    assert found.declined == []
