import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kling_post.generation.previz.contract import PictureRequest, Reading, ShotSound
from kling_post.generation.previz.foley import mixed, not_made, shot_sound, sound_keys, take_sound
from kling_post.generation.previz.places import place
from kling_post.generation.previz.reading import read_prompt, read_shots
from kling_post.generation.previz.sounds import makers
from kling_post.generation.previz.sounds.material import Scene, noise, set_level, slow_curve
from kling_post.generation.previz.words import vocabulary
from kling_post.sound.meter import LoudnessMeter
from kling_post.vocabulary import Size

RATE = 48_000
REQUESTS = Path(__file__).parents[3] / "samples" / "requests"


def sample(name: str) -> Reading:
    body = json.loads((REQUESTS / f"{name}.json").read_text(encoding="utf-8"))
    shots = body["providerSettings"]["klingai"].get("multiPrompt")
    return read_shots([shot["prompt"] for shot in shots] if shots else [body["positivePrompt"]])[0]


def heard(reading: Reading, *, seed: int = 1) -> NDArray[np.float32]:
    return shot_sound(ShotSound(reading=reading, seed=seed, samples=3 * RATE))


def power_in(sound: NDArray[np.floating], low: float, high: float) -> float:
    """Power in a band of hertz, of the two channels' mean."""
    spectrum = np.abs(np.fft.rfft(sound.mean(axis=1) * np.hanning(sound.shape[0]))) ** 2
    hertz = np.fft.rfftfreq(sound.shape[0], 1 / RATE)
    return float(spectrum[(hertz >= low) & (hertz < high)].sum())


def made(key: str, *, seconds: float = 4.0, at: tuple[float, ...] | None = None) -> NDArray[np.float64]:
    events = {} if at is None else {key: at}
    scene = Scene(samples=round(seconds * RATE), rng=np.random.default_rng(5), reading=read_prompt(""), events=events)
    return makers()[key].make(scene)


@pytest.mark.parametrize("name", [path.stem for path in sorted(REQUESTS.glob("*.json"))])
def test_the_sound_of_the_samples_is_at_its_level_without_overs_clicks_or_offset(name: str) -> None:
    sound = heard(sample(name))
    assert sound.shape == (3 * RATE, 2)
    assert sound.dtype == np.float32
    meter = LoudnessMeter(RATE, 2)
    meter.add(sound)
    loudness = meter.result()
    assert loudness.integrated_lufs == pytest.approx(-20.0, abs=1.0)
    assert loudness.true_peak_dbtp < -3.0
    assert np.abs(sound[[0, -1]]).max() == 0.0
    assert np.abs(sound[:48]).max() < 0.05
    assert np.abs(sound.mean(axis=0)).max() < 1e-3


@given(seconds=st.floats(0.001, 1.2), seed=st.integers(0, 2**40))
@settings(max_examples=15, deadline=None)
def test_the_sound_is_as_long_as_asked_to_the_sample(seconds: float, seed: int) -> None:
    samples = round(seconds * RATE)
    sound = shot_sound(ShotSound(reading=read_prompt("wind over a salt plain"), seed=seed, samples=samples))
    assert sound.shape == (samples, 2)
    assert np.isfinite(sound).all()


def test_the_same_seed_sounds_the_same_and_another_does_not() -> None:
    reading = sample("flooded_grand_station_reverie")
    assert np.array_equal(heard(reading, seed=3), heard(reading, seed=3))
    assert not np.array_equal(heard(reading, seed=3), heard(reading, seed=4))


def test_a_sound_does_not_change_because_another_is_there() -> None:
    alone, both = read_prompt("A desert"), read_prompt("A desert, violin music")
    extra = mixed(ShotSound(reading=both, seed=2, samples=RATE)) - mixed(ShotSound(reading=alone, seed=2, samples=RATE))
    violin = mixed(ShotSound(reading=both, seed=2, samples=RATE)) - extra
    assert np.allclose(violin, mixed(ShotSound(reading=alone, seed=2, samples=RATE)))
    assert np.abs(extra).max() > 1e-3


@pytest.mark.parametrize("key", sorted(vocabulary("sounds")))
def test_every_sound_of_the_vocabulary_is_made_or_owned_up_to(key: str) -> None:
    if key in makers():
        sound = made(key)
        assert sound.shape == (4 * RATE, 2)
        assert np.isfinite(sound).all()
        assert np.sqrt(np.mean(sound**2)) > 1e-4
    else:
        unmade = {"echo", "music", "speech", "alarm", "breath", "clang", "dog", "foghorn", "heartbeat", "hiss", "sizzle", "whale"}
        assert key in unmade
        assert not_made((key,)) == (() if key == "echo" else (key,))


@pytest.mark.parametrize("key", ["footsteps", "heavy footsteps", "stone crunch", "creaks", "pages", "ice creaks"])
def test_a_seen_event_is_heard_at_its_moment_and_nothing_before(key: str) -> None:
    sound = made(key, at=(2.0,))
    loud = np.nonzero(np.abs(sound).max(axis=1) > 0.02 * np.abs(sound).max())[0]
    assert loud[0] / RATE == pytest.approx(2.0, abs=0.08)


def test_steps_fall_on_each_seen_step() -> None:
    steps = (0.4, 1.1, 1.7, 2.6)
    sound = np.abs(made("heavy footsteps", at=steps)).max(axis=1)
    for second in steps:
        at = round(second * RATE)
        assert sound[at : at + 2400].max() > 2.5 * sound[at - 2400 : at - 240].max()


@pytest.mark.parametrize(
    ("key", "low", "high", "share"),
    [
        ("wind", 60, 1500, 0.85),
        ("fire", 20, 250, 0.8),
        ("heavy footsteps", 20, 400, 0.8),
        ("hum", 40, 700, 0.95),
        ("pages", 700, 14_000, 0.9),
        ("birds", 1_500, 9_000, 0.95),
        ("insects", 3_500, 5_500, 0.9),
        ("violin", 200, 6_000, 0.95),
        ("thunder", 15, 260, 0.9),
        ("rain", 500, 12_000, 0.9),
        ("water", 150, 4_000, 0.85),
        ("room tone", 20, 900, 0.9),
    ],
)
def test_each_sound_lies_where_its_model_does_in_the_spectrum(key: str, low: float, high: float, share: float) -> None:
    sound = made(key, seconds=6)
    assert power_in(sound, low, high) / power_in(sound, 1, 24_000) > share


def loudness_over(sound: NDArray[np.floating], seconds: float) -> NDArray[np.float64]:
    """RMS over stretches."""
    block = round(seconds * RATE)
    return np.asarray(np.sqrt((sound[: len(sound) // block * block] ** 2).reshape(-1, block * 2).mean(axis=1)))


def moving_slower_than(hertz: float, sound: NDArray[np.floating]) -> float:
    """Share of the movement of the loudness that is slower."""
    level = loudness_over(sound, 0.02)
    moving = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(len(level)))) ** 2
    return float(moving[np.fft.rfftfreq(len(level), 0.02) < hertz].sum() / moving.sum())


def test_wind_is_low_and_comes_in_slow_gusts() -> None:
    sound = made("wind", seconds=10)
    assert power_in(sound, 20, 400) > 0.6 * power_in(sound, 20, 20_000)
    assert power_in(sound, 2000, 20_000) > 0.02 * power_in(sound, 20, 20_000)
    assert moving_slower_than(2, sound) > 0.85
    steady = loudness_over(sound, 0.5)
    assert steady.max() > 1.7 * steady.min()


def test_fire_rumbles_and_crackles() -> None:
    sound = made("fire", seconds=10)
    crackle = np.fft.irfft(np.fft.rfft(sound.mean(axis=1)) * (np.fft.rfftfreq(len(sound), 1 / RATE) > 900))
    kurtosis = float(np.mean(crackle**4) / np.mean(crackle**2) ** 2)
    assert kurtosis > 20  # noise has 3: what lies high is single cracks
    peaks = loudness_over(np.stack([crackle, crackle], axis=1), 0.005)
    cracks = int((peaks > 8 * np.median(peaks)).sum())
    assert 40 < cracks < 600
    assert moving_slower_than(2, np.stack([crackle, crackle], axis=1)) < 0.3


def test_a_hum_has_its_line_at_55_hertz_and_its_octave() -> None:
    sound = made("hum", seconds=8)
    mono = sound.mean(axis=1) * np.hanning(len(sound))
    spectrum, hertz = np.abs(np.fft.rfft(mono)), np.fft.rfftfreq(len(sound), 1 / RATE)
    assert hertz[spectrum.argmax()] == pytest.approx(55, abs=0.5)
    near = (hertz > 100) & (hertz < 120)
    assert hertz[near][spectrum[near].argmax()] == pytest.approx(110, abs=1)
    assert power_in(sound, 54, 56) > 0.4 * power_in(sound, 20, 20_000)


def test_thunder_and_steps_lie_below_speech_and_birds_above_it() -> None:
    def median(key: str) -> float:
        sound = made(key, seconds=8).mean(axis=1)
        power = np.abs(np.fft.rfft(sound)) ** 2
        return float(np.fft.rfftfreq(len(sound), 1 / RATE)[np.searchsorted(np.cumsum(power), power.sum() / 2)])

    assert max(median(key) for key in ("thunder", "heavy footsteps", "footsteps", "engine")) < 120
    assert min(median(key) for key in ("birds", "insects", "rain", "pages")) > 2500
    assert 300 < median("crowd") < 1000


@pytest.mark.parametrize("key", ["wind", "fire", "rain", "water", "waves", "room tone", "engine", "crowd", "fabric"])
def test_no_bed_is_a_loop(key: str) -> None:
    mono = made(key, seconds=8).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(mono, 2 * len(mono)))
    smooth = np.convolve(np.pad(spectrum, 50, mode="edge"), np.ones(101) / 101, mode="valid")
    alike = np.fft.irfft((spectrum / (smooth + 1e-3 * smooth.max())) ** 2)
    # Made flat, so that a steady tone does not count as coming again; a loop of any length up to four seconds would read about 1.
    assert np.abs(alike[RATE // 2 : 4 * RATE]).max() / alike[0] < 0.15


def test_a_loop_would_be_told() -> None:
    once = made("wind", seconds=2)
    mono = np.concatenate([once, once, once, once]).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(mono, 2 * len(mono)))
    smooth = np.convolve(np.pad(spectrum, 50, mode="edge"), np.ones(101) / 101, mode="valid")
    alike = np.fft.irfft((spectrum / (smooth + 1e-3 * smooth.max())) ** 2)
    assert np.abs(alike[RATE // 2 : 4 * RATE]).max() / alike[0] > 0.4


def test_steps_are_heard_on_the_stride_that_the_picture_walks() -> None:
    reading = read_prompt("A colossal mech walks through a stone quarry, heavy footsteps")
    request = PictureRequest(
        reading=reading, seed=7, shot_index=0, shot_count=1, size=Size(64, 36), frames=120, rate=Fraction(24), threads=1
    )
    picture = place(reading.place).picture(request)
    seen = picture.events["heavy footsteps"]
    assert len(seen) >= 2
    alone = replace(reading, sounds=("heavy footsteps",), removed=("wind", "stone crunch", "creaks", "hum", "fire"))
    sound = shot_sound(ShotSound(reading=alone, seed=7, samples=5 * RATE, events={"heavy footsteps": seen})).astype(float)
    level = loudness_over(sound, 0.01)
    rise = level[2:] - level[:-2]
    for second in seen:
        near = np.arange(max(0, round(100 * second) - 20), min(len(rise), round(100 * second) + 20))
        assert abs((near[rise[near].argmax()] + 1) / 100 - second) < 0.03


def test_a_hall_rings_on_and_the_open_does_not() -> None:
    def tail(prompt: str) -> float:
        sound = mixed(
            ShotSound(reading=read_prompt(prompt), seed=1, samples=4 * RATE, events={"footsteps": (0.5,), "heavy footsteps": (0.5,)})
        )
        return float(np.sqrt(np.mean(sound[3 * RATE :] ** 2)) / np.abs(sound).max())

    assert tail("Inside a cathedral, footsteps echo") > 4 * tail("A meadow, footsteps, no wind")


def test_a_place_brings_its_own_sounds_and_a_denial_takes_them_away() -> None:
    def keys(prompt: str) -> dict[str, float]:
        return dict(sound_keys(ShotSound(reading=read_prompt(prompt), seed=1, samples=RATE)))

    assert keys("A beach at noon")["waves"] < 0
    assert keys("A beach at noon, waves crashing")["waves"] == 0
    assert "wind" not in keys("A desert, no wind")


def test_shots_are_joined_without_a_hole_or_a_step() -> None:
    readings = read_shots(["Wind over a salt plain", "The same wind, footsteps", "Wind, lava"])
    sound = take_sound(readings, [{}, {"footsteps": (0.5,)}, {}], [24, 48, 24], Fraction(24), 9)
    assert sound.shape == (4 * RATE, 2)

    def level(start: int, stop: int) -> float:
        return float(np.sqrt(np.mean(sound[start:stop].astype(float) ** 2)))

    for cut in (RATE, 3 * RATE):
        around = level(cut - 720, cut + 720)
        assert around > 0.4 * min(level(cut - 9600, cut - 1440), level(cut + 1440, cut + 9600))
        assert np.abs(np.diff(sound[cut - 2000 : cut + 2000], axis=0)).max() < 0.2
    assert not np.array_equal(sound[2400 : RATE - 2400], sound[RATE + 2400 : 2 * RATE - 2400])


def test_the_wind_of_one_shot_blows_in_the_next() -> None:
    def step_db(first: str, second: str) -> float:
        sound = take_sound(read_shots([first, second]), [{}, {}], [96, 96], Fraction(24), 4).astype(float)
        before, after = np.sqrt(np.mean(sound[: 4 * RATE] ** 2)), np.sqrt(np.mean(sound[4 * RATE :] ** 2))
        return abs(20 * float(np.log10(after / before)))

    assert step_db("A salt plain", "Strong wind over the salt plain") < 5


def test_a_quarry_gives_steps_back_later_and_softer() -> None:
    request = ShotSound(reading=read_prompt("A mech in a quarry"), seed=1, samples=3 * RATE, events={"heavy footsteps": (0.5,)})
    sound = np.abs(mixed(request)).max(axis=1)
    direct, between, echo = (sound[round(a * RATE) : round(b * RATE)].max() for a, b in ((0.5, 0.6), (0.76, 0.8), (0.81, 0.9)))
    assert 0.1 * direct < echo < 0.6 * direct
    assert echo > between


def test_a_sound_is_not_repeated_after_a_cut() -> None:
    readings = read_shots(["Wind over a salt plain", "Wind over a salt plain"])
    sound = take_sound(readings, [{}, {}], [48, 48], Fraction(24), 9).astype(float)[:, 0]
    first, second = sound[4800:91_200], sound[2 * RATE + 4800 : 2 * RATE + 91_200]
    assert abs(float(np.corrcoef(first, second)[0, 1])) < 0.2


def test_silence_stays_silence() -> None:
    assert np.array_equal(set_level(np.zeros((10, 2)), -20, "rms"), np.zeros((10, 2)))


@given(beta=st.floats(0, 2), samples=st.integers(1000, 20_000))
@settings(max_examples=20, deadline=None)
def test_noise_has_unit_power_and_no_offset(beta: float, samples: int) -> None:
    sound = noise(samples, beta, np.random.default_rng(1))
    assert sound.shape == (samples,)
    assert float(np.std(sound)) == pytest.approx(1.0)


@given(seed=st.integers(0, 1000), hertz=st.floats(0.1, 10), samples=st.integers(10, 50_000))
@settings(max_examples=20, deadline=None)
def test_a_slow_curve_stays_between_its_ends(seed: int, hertz: float, samples: int) -> None:
    curve = slow_curve(samples, hertz, np.random.default_rng(seed), -2.0, 3.0)
    assert curve.shape == (samples,)
    assert -2.0 <= curve.min() <= curve.max() <= 3.0
