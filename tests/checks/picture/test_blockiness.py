"""A grid of eight shows where it is coded in, and nowhere else."""

from typing import Any

import numpy as np

from kling_post.vocabulary import FrameRange, Severity


def blocked(picture: Any) -> Any:
    """Every 8x8 block half way to its mean."""
    rows, columns = picture.shape[0] // 8 * 8, picture.shape[1] // 8 * 8
    blocks = picture[:rows, :columns].reshape(rows // 8, 8, columns // 8, 8).mean(axis=(1, 3))
    flat = np.repeat(np.repeat(blocks, 8, axis=0), 8, axis=1)
    result = picture.copy()
    result[:rows, :columns] = picture[:rows, :columns] * 0.3 + flat * 0.7
    return result


def test_blocks_over_two_seconds_are_for_review_and_placed(make: Any) -> None:
    pictures = [blocked(picture) if 24 <= place < 72 else picture for place, picture in enumerate(make.pan(96, 0.7))]
    (finding,) = make.ask("blockiness", make.clip(pictures=pictures).subject(signals=["block_grid"])).findings
    assert finding.severity is Severity.REVIEW
    assert finding.measured > 2
    assert abs(finding.frames.start - 24) <= 12
    assert abs(finding.frames.stop - 72) <= 12
    assert isinstance(finding.frames, FrameRange)


def test_clean_and_grainy_footage_shows_no_grid(make: Any) -> None:
    for grain in (0, 2):
        assert make.ask("blockiness", make.clip(pictures=make.pan(48, 0.7), grain=grain).subject(signals=["block_grid"])).findings == ()


def test_blocks_that_show_in_one_direction_only_are_found(make: Any) -> None:
    # Ripples seen at a low angle: the steps between blocks lie one below the other.
    wave = np.sin(np.arange(180) * 0.35)[:, None] * 14 + np.zeros((180, 320))
    pictures = [blocked(90 + wave + 0.02 * place) for place in range(36)]
    (finding,) = make.ask("blockiness", make.clip(pictures=pictures).subject(signals=["block_grid"])).findings
    assert finding.frames == FrameRange(0, 36)


def test_the_edge_of_bars_is_no_grid(make: Any) -> None:
    for rows, columns in ((slice(0, 24), slice(None)), (slice(None), slice(0, 40))):
        pictures = [np.array(picture) for picture in make.pan(36, 0.7)]
        for picture in pictures:
            picture[rows, columns] = 16
        assert make.ask("blockiness", make.clip(pictures=pictures).subject(signals=["block_grid"])).findings == ()
