import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.generation.previz.contract import CameraMove, Element, Reading
from kling_post.generation.previz.reading import account_for_words, place_chain, read_prompt, read_shots
from kling_post.generation.previz.reading_camera import describe_moves
from kling_post.generation.previz.reading_words import phrases
from kling_post.generation.previz.words import colour_rgb, tokenise, vocabulary

REQUESTS = Path(__file__).parents[3] / "samples" / "requests"
GRADED = [entry["prompt"] for entry in json.loads((Path(__file__).parent / "graded_prompts.json").read_text(encoding="utf-8"))["prompts"]]
PROMPTS = json.loads((Path(__file__).parent / "prompts.json").read_text(encoding="utf-8"))


def sample(name: str) -> tuple[Reading, ...]:
    body = json.loads((REQUESTS / f"{name}.json").read_text(encoding="utf-8"))
    shots = body["providerSettings"]["klingai"].get("multiPrompt")
    prompts = [shot["prompt"] for shot in shots] if shots else [body["positivePrompt"]]
    return read_shots(prompts, body.get("negativePrompt"))


def moves(reading: Reading) -> list[str]:
    signs = {1.0: "+", -1.0: "-", 0.0: ""}
    return [move.kind + signs[move.direction] for move in reading.camera]


def element(reading: Reading, key: str) -> Element:
    found = reading.element(key)
    assert found is not None, key
    return found


def keys(reading: Reading) -> set[str]:
    return {each.key for each in reading.elements}


def test_the_salt_flats_establishing_shot_is_read_as_written() -> None:
    wide = sample("volcanic_salt_flats_caravan")[0]
    assert (wide.place, wide.time_of_day, wide.framing) == ("salt flats", "dawn", "wide")
    assert wide.camera == (CameraMove(kind="dolly", direction=1.0, pace=0.5),)
    animals = element(wide, "pack animal")
    assert (animals.count, animals.scale, animals.phrase) == (3, 2.0, "Three towering pack animals")
    assert element(wide, "volcanic ridges").colour == "black"
    assert element(wide, "saddle").colour == "copper"
    assert keys(wide) >= {"cracked plates", "smoke", "glass sphere", "paper maps", "haze", "long shadows", "mirage"}
    assert wide.weather == ("haze",)
    assert wide.mood_colours == ("white",)


def test_the_later_salt_flats_shots_stay_in_the_same_scene() -> None:
    _, medium, low = sample("volcanic_salt_flats_caravan")
    assert (medium.place, medium.time_of_day, medium.framing, moves(medium)) == ("salt flats", "dawn", "medium", ["truck+"])
    assert (low.place, low.time_of_day, low.framing, moves(low)) == ("salt flats", "dawn", "low angle", ["crane+"])
    assert keys(medium) >= {"caravan", "pack animal", "traveler", "mirror mask", "lava seams", "prismatic flecks", "dust spirals"}
    assert keys(low) >= {"caravan", "pack animal", "basalt columns", "heat shimmer", "embers", "glass sphere", "volcanic ridges"}
    assert element(medium, "traveler").colour == "indigo"
    assert {"wind", "footsteps"} <= set(medium.sounds) & set(low.sounds)
    assert low.mood_colours == ("gold", "orange")


def test_the_quarry_prompt_begins_low_then_cranes_and_drifts_closer() -> None:
    (reading,) = sample("amber_quarry_mech_pilgrim")
    assert (reading.place, reading.time_of_day, reading.framing) == ("quarry", "golden hour", "low angle")
    assert moves(reading) == ["crane+", "dolly+"]
    assert all((move.begins, move.ends) == (0.2, 1.0) for move in reading.camera)
    mech = element(reading, "mech")
    assert (mech.scale, mech.colour, mech.count) == (8.0, "brass", 1)
    assert element(reading, "attendants").scale == 1.0
    assert (element(reading, "birds").count, element(reading, "birds").colour) == (24, "white")
    assert keys(reading) >= {"ribbons", "lanterns", "terraces", "slabs", "pebbles", "dust", "sunbeams", "lifts", "cables"}
    assert set(reading.sounds) >= {"heavy footsteps", "creaks", "stone crunch", "fabric", "birds", "echo", "hum"}
    assert {"vehicle", "skyline"} <= set(reading.removed)


def test_the_glacier_prompt_glides_then_rises_under_an_aurora() -> None:
    (reading,) = sample("glacier_library_aurora_ascent")
    assert (reading.place, reading.time_of_day, reading.framing) == ("ice library", "polar night", "wide")
    assert moves(reading) == ["dolly+", "crane+"]
    dolly, crane = reading.camera
    assert dolly.begins == 0.0
    assert crane.ends == 1.0
    assert 0.4 < crane.begins < dolly.ends < 0.6
    assert element(reading, "archivist").colour == "crimson"
    assert keys(reading) >= {"bridge", "shelves", "ice walls", "paper scraps", "frost crystals", "banners", "snow powder", "aurora"}
    assert set(reading.sounds) >= {"ice creaks", "echo", "pages", "footsteps"}
    assert reading.mood_colours == ("green", "violet")


def test_the_station_prompt_glides_at_eye_level_over_water() -> None:
    (reading,) = sample("flooded_grand_station_reverie")
    assert (reading.place, reading.framing, moves(reading)) == ("station", "eye level", ["dolly+"])
    assert reading.camera[0].pace == 0.5
    wanted = {"violinist", "water", "ripples", "dust motes", "hanging fabric", "birds", "greenery", "sunbeams", "fish", "terminal"}
    assert keys(reading) >= wanted
    assert set(reading.sounds) >= {"water", "echo", "footsteps", "violin"}
    assert "fog" in reading.removed


@pytest.mark.parametrize("name", [path.stem for path in sorted(REQUESTS.glob("*.json"))])
def test_nothing_of_the_sample_prompts_is_left_unread(name: str) -> None:
    assert all(reading.not_understood == () for reading in sample(name))


def test_most_of_a_hundred_varied_prompts_is_read_as_a_person_would() -> None:
    readings = [read_prompt(entry["prompt"]) for entry in PROMPTS]
    pairs = list(zip(PROMPTS, readings, strict=True))
    assert len(pairs) == 100
    assert sum(reading.place == entry["place"] for entry, reading in pairs) / len(pairs) >= 0.93
    assert sum(reading.time_of_day == entry["time"] for entry, reading in pairs) / len(pairs) >= 0.95
    assert sum(moves(reading) == entry["camera"] for entry, reading in pairs) / len(pairs) >= 0.95
    parts = sum(len(list(phrases(tokenise(entry["prompt"])))) for entry in PROMPTS)
    assert sum(len(reading.not_understood) for reading in readings) / parts <= 0.03


def test_what_is_not_understood_is_given_back_in_the_prompts_own_words() -> None:
    reading = read_prompt("A desert at noon, Quixotic flumbering of the zorbs, highly detailed, while grommets snarf")
    assert reading.not_understood == ("Quixotic flumbering of the zorbs", "while grommets snarf")


def test_a_strange_word_among_known_ones_is_given_back_too() -> None:
    reading = read_prompt("A red zorb rolls over the desert, its snark glows at noon")
    assert reading.not_understood == ("zorb", "snark")


@given(st.sampled_from(GRADED), st.lists(st.sampled_from(["zorb", "flumber", "quxly"]), min_size=1, max_size=4), st.data())
@settings(deadline=None, max_examples=40)
def test_every_word_is_used_recognised_filler_or_given_back(prompt: str, strange: list[str], data: st.DataObject) -> None:
    words = prompt.split()
    for word in strange:
        words.insert(data.draw(st.integers(0, len(words))), word)
    text = " ".join(words)
    uses = account_for_words(text)
    assert [use.word for use in uses] == [token.word for token in tokenise(text)]
    given_back = [token.word for phrase in read_prompt(text).not_understood for token in tokenise(phrase)]
    assert {use.word for use in uses if use.use == "not understood"} <= set(given_back)
    assert set(strange) <= set(given_back)


def test_what_the_prompt_does_not_say_is_marked_as_assumed() -> None:
    assert read_prompt("A dog").assumed == ("place", "time of day", "framing")
    assert read_prompt("Close-up of a dog on a beach at dusk").assumed == ()


def test_lens_and_speed_are_read() -> None:
    reading = read_prompt("A cheetah in tall grass, 200mm telephoto, super slow motion")
    assert (reading.lens, reading.speed) == ("long", "slow motion")
    assert (read_prompt("Anamorphic time-lapse of a city").lens, read_prompt("Anamorphic time-lapse of a city").speed) == (
        "anamorphic",
        "time lapse",
    )


def test_the_colour_of_a_background_is_a_colour_of_the_picture() -> None:
    assert read_prompt("A perfume bottle on a white background").mood_colours == ("white",)


def test_a_figure_in_a_colour_wears_it() -> None:
    assert element(read_prompt("A lone figure in red climbs the stairs"), "person").colour == "red"


def test_who_is_heard_is_there_too() -> None:
    reading = read_prompt("A farm at noon, a dog barking")
    assert element(reading, "animal").phrase == "a dog barking"
    assert "dog" in reading.sounds


def test_what_falls_from_above_does_not_lift_the_camera() -> None:
    assert read_prompt("Rose petals falling from above in a garden").framing == "medium"
    assert read_prompt("Seen from above, a garden").framing == "aerial"


def test_praise_of_style_is_understood_and_draws_nothing() -> None:
    reading = read_prompt("Epic cinematic realism, highly detailed, award-winning 8K masterpiece, rich texture, grand scale")
    assert reading.not_understood == ()
    assert reading.elements == ()


@pytest.mark.parametrize(
    ("prompt", "gone"),
    [
        ("An empty street with no cars", "vehicle"),
        ("A beach at noon without people or dogs", "person"),
        ("A deserted plaza", "person"),
        ("A valley free of fog", "fog"),
    ],
)
def test_what_is_denied_is_removed(prompt: str, gone: str) -> None:
    reading = read_prompt(prompt)
    assert gone in reading.removed
    assert reading.element(gone) is None
    assert gone not in reading.weather


def test_a_denial_ends_with_but() -> None:
    reading = read_prompt("A plain with no trees but two horses")
    assert "tree" in reading.removed
    assert element(reading, "animal").count == 2


def test_the_negative_prompt_removes_things_and_ignores_faults() -> None:
    reading = read_prompt("People and cars in a foggy street", "cars, fog, duplicate people, deformed hands, blurry")
    assert reading.removed == ("fog", "vehicle")
    assert reading.element("person") is not None
    assert reading.element("vehicle") is None
    assert reading.weather == ()


def test_the_negative_prompt_spares_another_thing_of_the_same_kind() -> None:
    assert read_prompt("A steam train on a bridge", "cars").element("vehicle") is not None


@pytest.mark.parametrize(
    ("prompt", "key", "count", "colour"),
    [
        ("three white horses", "animal", 3, "white"),
        ("a flock of black birds", "birds", 12, "black"),
        ("two enormous red balloons", "aircraft", 2, "red"),
        ("a dozen lanterns", "lanterns", 12, None),
        ("one tree", "tree", 1, None),
        ("trees", "tree", 3, None),
    ],
)
def test_number_and_colour_are_bound_to_their_noun(prompt: str, key: str, count: int, colour: str | None) -> None:
    found = element(read_prompt(prompt), key)
    assert (found.count, found.colour) == (count, colour)


def test_a_colour_is_not_bound_across_a_preposition() -> None:
    reading = read_prompt("A white horse in front of a green hill")
    assert (element(reading, "animal").colour, element(reading, "mountains").colour) == ("white", "green")


def test_a_comparison_asks_for_nothing() -> None:
    reading = read_prompt("Rocks rise like an ancient gateway over the plain")
    assert keys(reading) == {"slabs"}
    assert reading.not_understood == ()


def test_only_what_the_camera_does_is_a_camera_move() -> None:
    assert moves(read_prompt("The camera drifts forward as the sun rises and dancers spin")) == ["dolly+"]
    assert moves(read_prompt("A dancer spins and rises")) == []
    assert moves(read_prompt("Wide shot of construction cranes over a harbour")) == []
    assert moves(read_prompt("Tracks in the snow lead left to right")) == []


def test_moves_take_their_turns_in_the_order_of_the_words() -> None:
    reading = read_prompt("The camera pushes in slowly, then pans left, and finally cranes up quickly")
    assert moves(reading) == ["dolly+", "pan-", "crane+"]
    assert [move.pace for move in reading.camera] == [0.5, 1.0, 2.0]
    starts, ends = [move.begins for move in reading.camera], [move.ends for move in reading.camera]
    assert starts == sorted(starts)
    assert (starts[0], ends[-1]) == (0.0, 1.0)


def test_a_side_behind_a_move_turns_it() -> None:
    assert moves(read_prompt("The camera slowly drifts to the left")) == ["truck-"]
    assert moves(read_prompt("The camera orbits to the left")) == ["orbit-"]


def test_moves_are_named_as_the_trade_names_them() -> None:
    reading = read_prompt("Slow dolly in, then the camera tilts down")
    assert list(describe_moves(reading.camera)) == ["dolly in, slow", "tilt down"]


def test_every_place_falls_back_to_the_plain() -> None:
    for name, entry in vocabulary("places").items():
        assert place_chain(name)[0] == name
        assert place_chain(name)[-1] == "plain"
        assert entry["falls_back_to"] in {"", *vocabulary("places")}


def test_every_key_that_the_vocabulary_refers_to_exists() -> None:
    elements, sounds = vocabulary("elements"), set(vocabulary("sounds"))
    for entry in elements.values():
        assert set(entry.get("sounds", ())) <= sounds
        assert set(entry.get("refers_back_to", ())) | set(entry.get("brings_back", ())) <= set(elements)
    for entry in (*vocabulary("places").values(), *vocabulary("weather").values()):
        assert set(entry.get("sounds", ())) <= sounds
    for name in ("colours", "elements", "framing", "pace", "places", "scales", "sounds", "style", "times", "weather"):
        for key, entry in vocabulary(name).items():
            phrases_listed = [*entry["phrases"], *entry.get("hints", ())]
            assert all(phrase == phrase.lower().strip() for phrase in phrases_listed), (name, key)
    assert all(0 <= value <= 255 for key in vocabulary("colours") for value in colour_rgb(key))


@settings(deadline=None)
@given(st.text(max_size=300), st.none() | st.text(max_size=100))
def test_any_text_at_all_is_read_without_complaint(text: str, negative: str | None) -> None:
    reading = read_prompt(text, negative)
    assert reading.place in vocabulary("places")
    assert reading.time_of_day in vocabulary("times")
    assert all(phrase in text for phrase in reading.not_understood)
    assert all(0 <= move.begins < move.ends <= 1 for move in reading.camera)
    assert not {each.key for each in reading.elements} & set(reading.removed)


WORDS = sorted(
    {
        phrase
        for name in ("camera", "elements")
        for phrase in (
            [p for entry in vocabulary("elements").values() for p in entry["phrases"]]
            if name == "elements"
            else [p for move in vocabulary("camera")["moves"] for p in move["phrases"]]
        )
    }
    | {"camera", "then", "the", "three", "no", "red", "slowly", "as", ",", ".", "and", "finally", "begins", "colossal"}
)


@settings(deadline=None)  # The first reading of a process builds the tables of all phrases.
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30))
def test_any_jumble_of_known_words_is_read_into_sound_values(words: list[str]) -> None:
    reading = read_prompt(" ".join(words))
    assert all(0 <= move.begins < move.ends <= 1 for move in reading.camera)
    assert all(each.count >= 1 and each.scale > 0 for each in reading.elements)
    assert len({each.key for each in reading.elements}) == len(reading.elements)
    assert read_prompt(" ".join(words)) == reading
