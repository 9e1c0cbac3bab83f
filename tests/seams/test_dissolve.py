from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.dissolve import Dissolve, find_dissolve
from kling_post.seams.inspect import evidence_of
from kling_post.seams.judge import judge_seam
from kling_post.seams.motion import movement_around
from kling_post.seams.side import Side
from kling_post.vocabulary import JoinKind, Severity

Scene = Callable[[float], NDArray[np.float32]]
Curve = Callable[[NDArray[np.float32]], NDArray[np.float32]]
OneSide = Callable[..., Side]


def found_in(outgoing: Side, incoming: Side) -> Dissolve | None:
    return find_dissolve(outgoing, incoming, movement_around(outgoing.luma, incoming.luma))


@pytest.fixture
def mixed(scene: Scene, other_scene: Scene, side: OneSide) -> Callable[..., tuple[Side, Side]]:
    """Two shots, moving half a pixel a frame or more, that melt into each other; half way ``light`` is what is kept of it."""

    def build(
        frames: int,
        curve: Curve = lambda even: even,
        *,
        light: float = 1.0,
        into_black: bool = False,
        speeds: tuple[float, float] = (0.5, 0.5),
    ) -> tuple[Side, Side]:
        # Frames 12 - n / 2 to 11 + n / 2 are the mixed ones.
        even = np.clip((np.arange(24) - (12 - frames / 2) + 1) / (frames + 1), 0, 1).astype(np.float32)
        pictures = []
        for place, share in enumerate(curve(even)):
            after = np.zeros_like(scene(0.0)) if into_black else other_scene(speeds[1] * place)
            kept = 1 - (1 - light) * 4 * share * (1 - share)
            pictures.append(kept * ((1 - share) * scene(speeds[0] * place) + share * after))
        return side(pictures[:12]), side(pictures[12:], seed=4)

    return build


@pytest.mark.parametrize("frames", [4, 8, 12, 16])
@pytest.mark.parametrize("into_black", [False, True])
def test_an_even_dissolve_is_counted_in_frames_and_is_straight(
    mixed: Callable[..., tuple[Side, Side]], frames: int, into_black: bool
) -> None:
    dissolve = found_in(*mixed(frames, into_black=into_black))
    assert dissolve is not None
    assert dissolve.frames == frames
    assert abs(dissolve.curve_percent) < 4
    assert abs(dissolve.luma_percent) < 0.5


def test_light_that_is_lost_half_way_is_measured(mixed: Callable[..., tuple[Side, Side]]) -> None:
    dissolve = found_in(*mixed(9, light=0.88))
    assert dissolve is not None
    # 12 % of a mean luma of 0.45, less what the frames at the ramp's ends have lost already.
    assert -5.4 < dissolve.luma_percent < -4.4


@pytest.mark.parametrize(
    ("curve", "light", "found"),
    [
        (lambda even: even, 1.0, set()),
        (lambda even: 3 * even**2 - 2 * even**3, 1.0, set()),
        (lambda even: np.interp(even, [0, 0.25, 0.75, 1], [0, 0.5, 0.5, 1]).astype(np.float32), 1.0, {"seam.dissolve_curve"}),
        (lambda even: even, 0.88, {"seam.dissolve_luma"}),
    ],
    ids=["even", "eased", "stops half way", "dark half way"],
)
def test_a_dissolve_in_the_picture_is_judged_as_one_whatever_was_planned(
    mixed: Callable[..., tuple[Side, Side]], curve: Curve, light: float, found: set[str]
) -> None:
    evidence = evidence_of(*mixed(10, curve, light=light))
    report = judge_seam(evidence, outgoing="a", incoming="b", record_frame=12, planned=JoinKind.CONTINUE)
    assert report.seen is JoinKind.DISSOLVE
    assert {finding.check for finding in report.judgement.findings} == {"seam.kind", *found}
    assert {finding.severity for finding in report.judgement.findings} == {Severity.REVIEW}
    assert {"dissolve", "dissolve curve", "dissolve luma"} <= {row.name for row in report.properties}


def test_a_cut_has_no_dissolve(scene: Scene, other_scene: Scene, side: OneSide) -> None:
    assert found_in(side([scene(0.0)] * 12), side([other_scene(0.0)] * 12)) is None


@pytest.mark.parametrize("speeds", [(2.5, 2.5), (3.0, -3.0), (-1.0, 4.0)])
def test_a_dissolve_between_shots_that_move_by_a_fifth_of_the_picture_is_seen_and_counted(
    mixed: Callable[..., tuple[Side, Side]], speeds: tuple[float, float]
) -> None:
    dissolve = found_in(*mixed(8, speeds=speeds))
    assert dissolve is not None
    assert abs(dissolve.frames - 8) <= 1
    assert abs(dissolve.curve_percent) < 8
    assert abs(dissolve.luma_percent) < 1.5


def test_a_soft_picture_that_the_camera_pans_over_is_no_dissolve(side: OneSide) -> None:
    across, down = np.arange(320)[None], np.arange(180)[:, None]
    waves = [0.45 + 0.15 * np.cos(2 * np.pi * (across + 2 * place) / 200) * np.cos(2 * np.pi * down / 170) for place in range(24)]
    sides = side(waves[:12]), side(waves[12:])
    assert found_in(*sides) is None
    assert evidence_of(*sides).seen.kind is JoinKind.CONTINUE


@pytest.mark.parametrize("whole_frames", [6, 14])
def test_a_whip_pan_that_blurs_is_no_dissolve(scene: Scene, side: OneSide, whole_frames: int) -> None:
    share = np.clip((np.arange(24 * 4) / 4 - 12) / whole_frames + 0.5, 0, 1)
    places = 250 * (3 * share**2 - 2 * share**3)
    blurred = [np.mean([scene(place) for place in places[4 * frame : 4 * frame + 4]], axis=0) for frame in range(24)]
    assert found_in(side(blurred[:12]), side(blurred[12:], seed=4)) is None
