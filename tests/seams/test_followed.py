from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.followed import followed

Picture = NDArray[np.float32]
Scene = Callable[[float], Picture]


def with_patch(picture: Picture, patch: Picture, left: int) -> Picture:
    rows, columns = patch.shape
    changed = picture.copy()
    top = (picture.shape[0] - rows) // 2
    changed[top : top + rows, left : left + columns] = patch
    return changed


@pytest.mark.parametrize("gain", [1.0, 0.8])
def test_a_moved_picture_of_any_brightness_is_brought_back_place_on_place(scene: Scene, gain: float) -> None:
    before, after = scene(0), scene(4.5)
    there, back = followed(before, np.asarray(gain * after, np.float32))
    inside = np.s_[12:-12, 12:-12]
    assert np.abs(there.brought(after) - before)[inside].mean() < 0.1 * np.abs(after - before)[inside].mean()
    assert np.abs(back.brought(before) - after)[inside].mean() < 0.1 * np.abs(after - before)[inside].mean()
    assert min(there.share, back.share) > 0.9


def test_what_a_thing_goes_before_is_not_seen_and_the_thing_is(scene: Scene, other_scene: Scene) -> None:
    patch = other_scene(0)[:60, :60]
    before, after = (with_patch(scene(0), patch, left) for left in (100, 124))
    there, back = followed(before, after)
    rows, columns = before.shape
    middle = slice(rows // 2 - 20, rows // 2 + 20)
    seen, seen_after = (each.seen_at(rows, columns) for each in (there, back))
    # The thing covers what was to the right of it, and uncovers what was behind it.
    assert seen[middle, 166:180].mean() < 0.4
    assert seen_after[middle, 104:118].mean() < 0.4
    assert seen[middle, 110:150].mean() > 0.9
    assert seen[:, 220:].mean() > 0.95


def test_planes_of_another_size_and_with_channels_are_brought_alike(scene: Scene) -> None:
    there, _ = followed(scene(0), scene(4.0))
    small = scene(4.0)[::4, ::4]
    both = there.brought(np.dstack([small, 1 - small]))
    np.testing.assert_allclose(both[..., 0], there.brought(small), atol=1e-6)
    np.testing.assert_allclose(both[..., 1], 1 - both[..., 0], atol=1e-6)
    assert np.abs(both[2:-2, 2:-2, 0] - scene(0)[::4, ::4][2:-2, 2:-2]).mean() < 0.5 * np.abs(small - scene(0)[::4, ::4])[2:-2, 2:-2].mean()


def test_pictures_without_anything_in_them_are_one_another_s_places() -> None:
    grey = np.full((90, 160), 0.5, np.float32)
    there, back = followed(grey, grey)
    assert there.share == back.share == 1.0
    assert np.abs(there.flow).max() == np.abs(back.flow).max() == 0.0
