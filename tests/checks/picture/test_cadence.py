"""Regular repeats are one finding that names the rate."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.checks.evidence.held import Steps
from kling_post.checks.evidence.lagging import Paced
from kling_post.checks.picture.cadence import CadenceLimits, cadences, shown
from kling_post.vocabulary import FrameRange, Severity


def carried(make: Any, shown_at: Callable[[int], int], frames: int = 60, speed: float = 0.8, **clip: Any) -> Any:
    return make.clip(pictures=[make.scene(1, round(speed * shown_at(place), 3)) for place in range(frames)], **clip)


@pytest.mark.parametrize(
    ("shown_at", "rate", "pictures", "words"),
    [
        (lambda place: place * 4 // 5, 30, 24.0, "one frame in 5"),
        (lambda place: place * 2 // 3, 24, 16.0, "one frame in 3"),
        (lambda place: place * 2 // 5, 60, 24.0, "2, 3 times in turn"),
    ],
)
def test_a_lower_rate_carried_at_a_higher_one_is_named(
    make: Any, shown_at: Callable[[int], int], rate: int, pictures: float, words: str
) -> None:
    (finding,) = make.ask("cadence", carried(make, shown_at, grain=1).subject(rate=Fraction(rate))).findings
    assert (finding.severity, finding.measured) == (Severity.FAIL, pictures)
    assert words in finding.message


def test_animation_on_twos_is_for_review(make: Any) -> None:
    (finding,) = make.ask("cadence", carried(make, lambda place: place // 2, grain=1).subject()).findings
    assert (finding.severity, finding.measured) == (Severity.REVIEW, 12.0)


def test_a_few_repeats_at_no_distance_are_no_cadence(make: Any) -> None:
    late = {7, 19, 24, 41}
    order = np.cumsum([place not in late for place in range(60)])
    assert make.ask("cadence", carried(make, lambda place: int(order[place])).subject()).findings == ()


@pytest.mark.parametrize("speed", [0.0, 0.06, 0.8])
def test_even_movement_has_no_cadence(make: Any, speed: float) -> None:
    assert make.ask("cadence", make.clip(pictures=make.pan(60, speed), grain=1).subject()).findings == ()


@pytest.mark.parametrize("left", [0.2, 0.4])
def test_a_cadence_whose_repeats_an_encoder_left_part_of_a_step_is_for_review(make: Any, left: float) -> None:
    steps = [left if place % 5 == 4 else 1 - left if place % 5 == 0 else 1.0 for place in range(60)]
    pictures = [make.scene(1, round(float(place), 3)) for place in 0.8 * np.cumsum(steps)]
    (finding,) = make.ask("cadence", make.clip(pictures=pictures, grain=1).subject(rate=Fraction(30))).findings
    assert (finding.severity, finding.measured) == (Severity.REVIEW if left == 0.4 else Severity.FAIL, 24.0)


def test_a_few_short_steps_at_even_distance_are_no_cadence(make: Any) -> None:
    steps = [0.4 if place in {20, 25, 30, 35} else 1.0 for place in range(60)]
    pictures = [make.scene(1, round(float(place), 3)) for place in 0.8 * np.cumsum(steps)]
    assert make.ask("cadence", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def still_at(due: Any) -> Steps:
    held = np.asarray(due, bool)
    lengths = np.where(held, 0.0, 0.5)
    return Steps(
        lengths=lengths,
        lasting=lengths,
        spread=lengths,
        change=lengths,
        most_change=lengths,
        brighter=0 * lengths,
        difference=lengths,
        held=held,
        paced=Paced(
            pace=1.0 - held,
            coherence=lengths + 1,
            pixels=lengths,
            length=1.0 - held,
            everywhere=~held,
            unlike=lengths < 0,
            speed=lengths,
            lagging=held,
        ),
        shots=(FrameRange(0, len(held)),),
    )


@settings(deadline=None)
@given(many=st.integers(2, 12), phase=st.integers(0, 11))
def test_every_period_and_phase_is_told_by_its_own_rate(many: int, phase: int) -> None:
    places = np.arange(96)
    (found,) = cadences(still_at((places + phase) % many == 0), CadenceLimits())
    assert found.ratio == Fraction(many - 1, many)


def test_a_pattern_that_shifts_is_still_one(make: Any) -> None:
    del make
    places = np.arange(80)
    steps = still_at(np.where(places < 40, places % 2 == 0, places % 2 == 1))
    (found,) = cadences(steps, CadenceLimits())
    assert found.ratio == Fraction(1, 2)
    assert found.holds(FrameRange(39, 40))


def test_words_say_how_long_pictures_stay() -> None:
    assert shown(Fraction(3, 8)) == "pictures are shown 2, 3, 3 times in turn"


def test_a_cadence_of_water_whose_steps_share_no_movement_is_told_by_what_changes(make: Any) -> None:
    rng = np.random.default_rng(1)
    strong, faint = np.cumsum(rng.choice([-2.0, 2.0], (2, 60)), axis=1)

    def waves(seed: int, turn: float) -> Any:
        return np.cos(turn) * (make.scene(seed, 0.0) - 128) + np.sin(turn) * (make.scene(seed + 1, 0.0) - 128)

    def evened(picture: Any) -> Any:
        return picture - picture.mean()

    def water(place: int, shown: int) -> Any:
        # An encoder redraws the faint waves in every frame; the others come and go with the pictures.
        picture = 0.8 * make.scene(1, 0.0) + 0.03 * evened(waves(5, faint[place]))
        picture[: len(picture) // 4] += 0.13 * evened(waves(9, strong[shown])[: len(picture) // 4])
        return picture

    subject = make.clip(pictures=[water(place, place - (place + 1) // 5) for place in range(60)]).subject(rate=Fraction(30))
    (finding,) = make.ask("cadence", subject).findings
    assert (finding.severity, finding.measured) == (Severity.REVIEW, 24.0)
    assert make.ask("cadence", subject, quiet_share=0.0).findings == ()


@pytest.mark.parametrize("pan", [0.0, 0.3])
def test_a_strobe_every_four_frames_is_no_cadence(make: Any, pan: float) -> None:
    pictures = [make.scene(1, round(pan * place, 3)) * (1.0 if (place // 4) % 2 else 0.8) for place in range(72)]
    assert make.ask("cadence", make.clip(pictures=pictures, grain=1).subject()).findings == ()
