"""A step of room tone between clips of one shot: the quieter ones are filled, as far as the louder one's room reaches."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from kling_post.edit.mix import mixed_sound
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.wav import write_wav
from kling_post.pipeline.files import timeline_of_files
from kling_post.repair.apply import apply_repairs
from kling_post.repair.propose_tone import propose_tone
from kling_post.seams.room_tone import noise_floor_dbfs, room_tone_step_db
from kling_post.vocabulary import JoinKind, Judgement, SeamProperty, SeamReport, Severity, Size

RATE = 48_000
Chain: TypeAlias = Callable[..., Timeline]


def strokes(samples: int) -> np.ndarray:
    """What happens over the room: a note twice a second, gone before the next one."""
    time = np.arange(samples) / RATE
    return (0.1 * np.sin(2 * np.pi * 440 * time) * np.exp(-(time % 0.5) / 0.02))[:, None] * np.ones(2)


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """An edit of clips with noise of so many dBFS in each, a second and a quarter long."""

    def build(*levels_dbfs: float, frames: int = 30) -> Timeline:
        paths = []
        for number, level in enumerate(levels_dbfs):
            path, sound = tmp_path / f"clip{number}.mp4", tmp_path / f"clip{number}.wav"
            noise = np.random.default_rng(number).normal(0, 10 ** (level / 20), (frames * 2000, 2))
            write_wav(sound, iter([(noise + strokes(frames * 2000)).astype(np.float32)]), RATE)
            quality = EncodeSettings(preset="ultrafast", crf=40)
            with FrameWriter(path, size=Size(64, 64), rate=Fraction(24), quality=quality, sound=sound) as writer:
                for _ in range(frames):
                    writer.write(np.full((64, 64, 3), 100, np.uint8))
            paths.append(path)
        return timeline_of_files("chain", paths, join=JoinKind.CONTINUE)

    return build


def reports(*steps: float, kind: JoinKind = JoinKind.CONTINUE) -> list[SeamReport]:
    def row(step: float) -> SeamProperty:
        severity = Severity.REVIEW if abs(step) > 6 else None
        return SeamProperty(name="room tone", measured=step, limit=6.0, unit="dB", severity=severity, message="as measured")

    return [
        SeamReport(
            outgoing=f"clip{place}",
            incoming=f"clip{place + 1}",
            record_frame=30 * (place + 1),
            planned=kind,
            seen=kind,
            properties=(row(step),),
            judgement=Judgement(),
        )
        for place, step in enumerate(steps)
    ]


def steps_of(timeline: Timeline) -> list[float]:
    """What the room tone steps by at each join of the mix."""
    mix = np.concatenate(list(mixed_sound(timeline)))
    places = [clip.record.start * 2000 for clip in timeline.clips[1:]]
    floors = [
        (noise_floor_dbfs(mix[max(0, at - RATE) : at - 480], RATE), noise_floor_dbfs(mix[at + 480 : at + RATE], RATE)) for at in places
    ]
    return [room_tone_step_db(*pair) for pair in floors]


def test_the_quieter_clip_is_filled_and_the_figure_is_foretold(chain: Chain) -> None:
    timeline = chain(-40, -52)
    (repair,), declined = propose_tone(reports(-12.0), timeline)
    assert declined == ()
    assert (repair.clip_id, len(repair.in_outgoing), len(repair.in_incoming)) == ("clip1", 0, 1)
    foretold = {each.property: (each.before, each.after) for each in repair.predictions}
    assert foretold["room tone"] == pytest.approx((-12, 0), abs=1.5)
    before, after = foretold["loudness"]
    assert before < -3
    assert abs(after) < 1
    assert repair.does == "Lays noise like the room of the louder side under clip1, at -42 dBFS, eased out away from the join."
    assert steps_of(timeline)[0] == pytest.approx(-12, abs=1.5)
    assert steps_of(apply_repairs(timeline, [repair]))[0] == pytest.approx(0, abs=2)


def test_a_short_clip_hands_the_room_on_and_no_step_opens_behind_it(chain: Chain) -> None:
    timeline = chain(-52, -52, -40, -52, -52)
    repairs, _ = propose_tone(reports(0.0, 12.0, -12.0, 0.0), timeline)
    assert [(bool(each.in_outgoing), bool(each.in_incoming)) for each in repairs] == [
        (True, False),
        (True, False),
        (False, True),
        (False, True),
    ]
    assert repairs[0].reason == "The room tone laid under the clip beside it goes on here."
    assert [abs(step) < 2.5 for step in steps_of(apply_repairs(timeline, repairs))] == [True] * 4


def test_a_clip_long_enough_is_filled_for_seven_seconds_and_no_further(chain: Chain) -> None:
    timeline = chain(-40, -52, -52, frames=192)
    (repair,), _ = propose_tone(reports(-12.0, 0.0), timeline)
    (bed,) = repair.in_incoming
    assert (bed.full.stop, bed.eased_samples) == (3 * RATE, 4 * RATE)
    mix = np.concatenate(list(mixed_sound(apply_repairs(timeline, [repair]))))[8 * RATE : 16 * RATE]
    # Between one note and the next.
    levels = [float(20 * np.log10(mix[round((second + 0.75) * RATE) : (second + 1) * RATE - 480].std())) for second in range(8)]
    assert levels[:3] == pytest.approx([-41.2, -41.2, -41.2], abs=0.7)  # the bed ends at 18 kHz, the noise at 24
    assert levels[7] == pytest.approx(-52, abs=1)
    assert max(before - after for before, after in pairwise(levels)) < 6


@pytest.mark.parametrize(
    ("levels", "kind", "told"),
    [((-40, -52), JoinKind.CUT, 0), ((-40, -42), JoinKind.CONTINUE, 0), ((-22, -48), JoinKind.CONTINUE, 1)],
    ids=["a cut", "a small step", "louder than all else"],
)
def test_nothing_is_laid_over_a_cut_nor_where_it_would_be_too_little_or_too_much(
    chain: Chain, levels: tuple[float, float], kind: JoinKind, told: int
) -> None:
    repairs, declined = propose_tone(reports(-12.0, kind=kind), chain(*levels))
    assert (repairs, len(declined)) == ((), told)


def test_what_has_been_found_wanting_is_not_proposed_again(chain: Chain) -> None:
    timeline = chain(-40, -52, -52)
    repairs, _ = propose_tone(reports(-12.0, 0.0), timeline)
    assert len(repairs) == 2
    assert propose_tone(reports(-12.0, 0.0), timeline, withheld=[repairs[1].key]) == ((), ())
