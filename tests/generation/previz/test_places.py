"""What every outdoor place must keep to, whoever draws it."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.generation.previz.contract import CameraMove, Element, Picture, PictureRequest, Reading
from kling_post.generation.previz.places import place
from kling_post.generation.previz.reading import read_prompt
from kling_post.vocabulary import Size

SIZE = Size(192, 108)
RATE = Fraction(24)

CARAVAN = (
    "Ultra-detailed wide establishing shot of a vast white salt plain cracked into geometric plates, bordered by smoking black "
    "volcanic ridges. Three towering pack animals with woven copper saddles carry glass spheres filled with fluttering paper maps. "
    "Slow dolly forward."
)
ALONGSIDE = (
    "Medium tracking shot alongside the caravan on the salt flats, the lead traveler wears a mirror-mask, glowing lava seams, "
    "prismatic flecks."
)
GATEWAY = (
    "Low-angle shot as the caravan reaches towering basalt columns on the salt flats, embers drift, glass spheres. "
    "The camera cranes upward."
)
QUARRY = (
    "A colossal mech walks slowly through a vast amber stone quarry at golden afternoon, ribbons, lanterns, tiny attendants, "
    "pebbles, dust, sunbeams, lifts and cables, white birds burst from ledges. The camera cranes upward and drifts closer."
)
OPEN = (
    "A lone hiker walks through a snowy field at dusk, snow falling",
    "Two horses walk across sand dunes at noon, camera pans right",
    "A misty pine forest at dawn, a traveler among the trees, slow push in",
    "A sailing boat on the open sea at golden hour, waves, wide shot",
    "Mountain lake at sunrise, birds",
    "Night sky over a meadow, stars, a person walks, rain",
    "An aerial shot over mountains in the morning",
    "A woman in a red coat walks along a city street at night, rain, neon signs, a car, slow dolly forward",
    "Aerial shot of a city skyline at dusk, slow truck right",
    "Autumn forest at golden hour, truck right, leaves",
    "Underwater coral reef, a school of yellow fish, sunbeams, bubbles, the camera glides forward",
    "A spaceship above the planet, stars, slow dolly forward",
    "A desert highway at golden hour, a red car, dolly forward",
    "A living room in the morning, a window, a woman, a table, slow push in",
    "A bottle of beer on a pedestal, white background, truck right",
)
ALL = (CARAVAN, ALONGSIDE, GATEWAY, QUARRY, *OPEN)


def shot(reading: Reading, *, frames: int = 48, size: Size = SIZE, seed: int = 7, rate: Fraction = RATE) -> PictureRequest:
    return PictureRequest(reading=reading, seed=seed, shot_index=0, shot_count=1, size=size, frames=frames, rate=rate)


def draw(prompt: str, **settings: object) -> Picture:
    reading = read_prompt(prompt, None)
    return place(reading.place).picture(shot(reading, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("prompt", ALL)
def test_a_frame_depends_on_its_index_alone(prompt: str) -> None:
    first, again = draw(prompt), draw(prompt)
    forward = [first.frame(index) for index in (0, 7, 31)]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        backward = [again.frame(index) for index in (31, 7, 0)][::-1]
    finally:
        cv2.setNumThreads(threads)
    for one, other in zip(forward, backward, strict=True):
        assert one.shape == (108, 192, 3)
        assert one.dtype == np.uint8
        assert (one == other).all()


@pytest.mark.parametrize("prompt", ALL)
def test_every_frame_differs_from_the_last_but_never_jumps(prompt: str) -> None:
    picture = draw(prompt)
    grey = [cv2.cvtColor(picture.frame(index), cv2.COLOR_RGB2GRAY).astype(np.float32) for index in range(12, 28)]
    steps = [float(np.abs(later - earlier).mean()) for earlier, later in pairwise(grey)]
    assert min(steps) > 0.02
    assert max(steps) < 3 * np.median(steps) + 0.5
    means = np.array([frame.mean() for frame in grey])
    assert np.abs(np.diff(means, 2)).max() < 0.6


@pytest.mark.parametrize("prompt", ALL)
def test_only_what_the_prompt_names_is_said_to_be_drawn(prompt: str) -> None:
    reading = read_prompt(prompt, None)
    drawn = place(reading.place).picture(shot(reading)).drawn
    assert drawn <= {element.key for element in reading.elements} | set(reading.weather)


@pytest.mark.parametrize(
    ("prompt", "size"),
    [
        (CARAVAN, Size(108, 192)),
        (GATEWAY, Size(250, 106)),
        (QUARRY, Size(128, 128)),
        (OPEN[0], Size(90, 160)),
        (OPEN[3], Size(250, 106)),
        (OPEN[7], Size(90, 160)),
        (OPEN[10], Size(250, 106)),
        (OPEN[11], Size(108, 192)),
    ],
)
def test_any_shape_of_frame_can_be_drawn(prompt: str, size: Size) -> None:
    frame = draw(prompt, size=size).frame(3)
    assert frame.shape == (size.height, size.width, 3)
    assert frame.std() > 8


def test_the_caravan_prompts_are_drawn_whole() -> None:
    for prompt in (CARAVAN, ALONGSIDE, GATEWAY):
        reading = read_prompt(prompt, None)
        assert reading.place == "salt flats"
        named = {element.key for element in reading.elements}
        assert named <= place("salt flats").picture(shot(reading)).drawn


def test_the_machine_prompt_is_drawn_whole() -> None:
    reading = read_prompt(QUARRY, None)
    assert {element.key for element in reading.elements} - place("quarry").picture(shot(reading)).drawn <= {"ledges"}


def test_the_horizon_and_the_ridges_stay_from_shot_to_shot() -> None:
    wide, tracking = draw(CARAVAN), draw(GATEWAY)
    assert wide._land.sky is tracking._land.sky  # type: ignore[attr-defined]
    assert wide._land.ridges is tracking._land.ridges  # type: ignore[attr-defined]


def test_another_seed_gives_another_land() -> None:
    assert (draw(CARAVAN, seed=1).frame(0) != draw(CARAVAN, seed=2).frame(0)).any(axis=-1).mean() > 0.2


def test_what_the_negative_prompt_removes_is_not_drawn() -> None:
    reading = read_prompt(CARAVAN, None)
    without = replace(reading, removed=("pack animal", "saddle", "glass sphere", "paper maps"))
    both = [place("salt flats").picture(shot(each)) for each in (reading, without)]
    assert "pack animal" in both[0].drawn
    assert not {"pack animal", "glass sphere"} & both[1].drawn
    changed = (both[0].frame(0) != both[1].frame(0)).any(axis=-1)
    assert 0.01 < changed.mean() < 0.6
    assert both[1].events == {}


def test_heavy_steps_come_at_the_pace_of_the_machine() -> None:
    heavy = draw(QUARRY, frames=192).events["heavy footsteps"]
    assert len(heavy) in {3, 4}
    assert np.diff(heavy) == pytest.approx(2.2, abs=1e-3)
    assert 0 <= heavy[0] < 2.2


def test_footsteps_lie_inside_the_shot_in_order() -> None:
    for prompt in (ALONGSIDE, OPEN[0]):
        steps = draw(prompt).events["footsteps"]
        assert list(steps) == sorted(steps)
        assert steps[0] >= 0
        assert steps[-1] < 2.0


def test_motion_is_in_seconds_whatever_the_frame_rate() -> None:
    slow, fast = draw(CARAVAN, rate=Fraction(24)), draw(CARAVAN, rate=Fraction(48), frames=96)
    assert (slow.frame(12) == fast.frame(24)).all()


def test_the_light_at_the_gateway_turns_from_gold_to_orange() -> None:
    picture = draw(GATEWAY, frames=72)
    first, last = (picture.frame(index).reshape(-1, 3).mean(axis=0) for index in (0, 71))
    assert last[2] / last[0] < 0.7 * first[2] / first[0]


def test_night_is_darker_than_day() -> None:
    reading = read_prompt(CARAVAN, None)
    for name in ("salt flats", "plain"):
        day, night = (
            place(name).picture(shot(replace(reading, place=name, time_of_day=hour))).frame(0).mean() for hour in ("morning", "night")
        )
        assert night < 0.55 * day


def test_each_kind_of_country_has_a_ground_of_its_own() -> None:
    grounds = {}
    for name in ("plain", "desert", "snow", "sea", "mountains"):
        frame = place(name).picture(shot(Reading(prompt="", place=name, time_of_day="noon"))).frame(0)
        grounds[name] = frame[-30:].reshape(-1, 3).mean(axis=0)
    assert grounds["plain"][1] == max(grounds["plain"])
    assert grounds["desert"][0] > grounds["desert"][2] + 30
    assert min(grounds["snow"]) > 150
    assert grounds["sea"][2] > grounds["sea"][0]


def test_a_place_nobody_knows_is_open_country() -> None:
    assert place("the inside of a teapot").name == "plain"
    assert place("salt flats").name == "salt flats"
    assert place("__init__").name == "plain"


def test_plain_follows_the_place_that_the_reading_kept() -> None:
    kept = place("plain").picture(shot(Reading(prompt="", place="snow", time_of_day="noon"))).frame(0)
    own = place("snow").picture(shot(Reading(prompt="", place="snow", time_of_day="noon"))).frame(0)
    assert (kept == own).all()


def test_a_garment_takes_the_colour_of_the_prompt() -> None:
    def tint(colour: str | None) -> NDArray[np.int64]:
        elements = (Element(key="person", phrase="a person"), Element(key="coat", phrase="a coat", colour=colour))
        reading = Reading(prompt="", place="snow", time_of_day="noon", elements=elements)
        return place("snow").picture(shot(reading, size=Size(384, 216))).frame(24).astype(int)

    red, blue = tint("red"), tint("blue")
    changed = np.abs(red - blue).sum(axis=-1) > 60
    assert changed.sum() > 100
    assert (red[changed] - blue[changed]).mean(axis=0)[0] > 20


def test_a_dolly_brings_the_caravan_closer() -> None:
    reading = read_prompt(CARAVAN, None)
    still = replace(reading, camera=())
    moving = replace(reading, camera=(CameraMove(kind="dolly", direction=1, pace=2),))
    ends = [place("salt flats").picture(shot(each)).frame(47) for each in (still, moving)]
    dark = [int((cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[30:70] < 110).sum()) for frame in ends]
    assert dark[1] > dark[0]


@pytest.mark.parametrize("land", ["The salt flats", "An amber stone quarry", "Mountains", "The open sea in fog"])
@pytest.mark.parametrize("move", ["the camera orbits", "the camera pans left", "the camera zooms out", "the camera tilts up"])
def test_sky_and_land_reach_as_far_as_a_long_move_looks(land: str, move: str) -> None:
    reading = read_prompt(f"{land} at noon, {move}", None)
    request = PictureRequest(reading=reading, seed=3, shot_index=0, shot_count=1, size=Size(96, 54), frames=240, rate=RATE, threads=1)
    last = place(reading.place).picture(request).frame(239)
    above = last[: 54 // 4]
    assert float(above[:, [0, 1, -2, -1]].min()) > 20
    assert float(above[:2].min()) > 20


def test_a_pan_that_lands_on_the_last_whole_column_of_the_sky_is_drawn() -> None:
    reading = read_prompt("A vast white salt plain at golden hour, the camera pans right.", None)
    request = PictureRequest(reading=reading, seed=0, shot_index=0, shot_count=1, size=Size(640, 360), frames=96, rate=Fraction(24))
    picture = place(reading.place).picture(request)
    # At frame 90 the sky's offset is a whole number of pixels, one beyond what a plain copy has room for.
    before, at, after = (picture.frame(index).astype(int) for index in (89, 90, 91))
    assert abs(at[:120] - before[:120]).mean() < 3
    assert abs(at[:120] - after[:120]).mean() < 3


def drawn_without(prompt: str, negative: str) -> tuple[Picture, Picture]:
    found = [place(reading.place).picture(shot(reading)) for reading in (read_prompt(prompt), read_prompt(prompt, negative))]
    return found[0], found[1]


def test_the_negative_prompt_takes_cars_off_the_street_and_fish_out_of_the_sea() -> None:
    for prompt, negative, key in (
        ("A busy street at noon with cars, static", "cars", "vehicle"),
        ("Underwater, a coral reef and fish, static", "fish", "fish"),
    ):
        with_it, without = drawn_without(prompt, negative)
        assert key in with_it.drawn
        assert key not in without.drawn
        assert np.abs(with_it.frame(20).astype(int) - without.frame(20)).max() > 40


def test_a_street_is_brighter_by_day_and_its_windows_are_lit_by_night() -> None:
    day, night = (draw(f"A city street {when}, static").frame(0) for when in ("at noon", "at night"))
    assert day.mean() > night.mean() + 50
    assert (night.max(axis=2) > 230).sum() > 20


def test_steps_on_a_street_are_told_to_the_foley() -> None:
    picture = draw("A man walks down a street at noon")
    steps = np.diff(picture.events["footsteps"])
    assert steps == pytest.approx(np.full(len(steps), 1 / 1.9))


def test_near_trunks_pass_faster_than_far_ones() -> None:
    picture = draw("A forest in the morning, truck right, static light", frames=120)
    view = picture.view(0)  # type: ignore[attr-defined]
    later = picture.view(110)  # type: ignore[attr-defined]
    assert view.depth.min() < 8
    assert view.depth[20].max() > 30
    assert later.camera.x > view.camera.x + 0.2


def test_a_planet_stands_before_the_stars() -> None:
    view = draw("A planet in deep space, static").view(0)  # type: ignore[attr-defined]
    assert set(np.unique(view.depth.round())) >= {55.0, 110.0}


def test_a_road_runs_through_the_country_that_is_named_and_else_between_houses() -> None:
    desert, town = draw("A desert road at noon, static").frame(0), draw("A city street at noon, static").frame(0)
    assert desert[:20].std() < town[:20].std() / 2


def test_what_has_no_shape_in_the_studio_is_said_to_be_a_block() -> None:
    assert draw("A smartwatch on a pedestal, black background").notes[0].startswith('"A smartwatch"')
