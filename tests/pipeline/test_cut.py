"""From a project's words and its takes to the clips of the edit."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from plain_facts import plain_facts

from kling_post.pipeline.cut import ExaminedTake, best_take, cut
from kling_post.pipeline.examine import Examination
from kling_post.project import Project, load_project
from kling_post.signals.runner import Measured
from kling_post.vocabulary import (
    AudioFacts,
    Cadence,
    DialogueLine,
    Finding,
    Fit,
    FrameRange,
    Judgement,
    Retime,
    Severity,
    Size,
    Take,
    TakePlan,
    VideoTask,
)

SOUND = AudioFacts(codec="aac", sample_rate=48_000, channels=2, layout="stereo", start_seconds=Fraction(0), duration_seconds=Fraction(5))
PROJECT = """\
rate: 25
edit: {native_level_db: -3, fit: fill, bits: 10, language: pt-BR}
shots:
  - id: one
    prompt: A hill.
    duration: 5
    takes: 2
    trim: {head: 4, tail: 10}
    retime: {cadence: retime}
    dialogue: [{text: Come., from: 1, to: 2}]
  - id: two
    shots: [{prompt: A lake., duration: 2}, {prompt: A boat., duration: 3}]
    trim: {head: 8}
    join: {sound_trails: 6}
    retime: {speed: 2}
    level_db: 1
"""


def examined(task: VideoTask, rate: Fraction, *, severities: tuple[Severity, ...] = (Severity.FAIL,)) -> ExaminedTake:
    path = Path("/takes") / f"{task.task_uuid}.mp4"
    facts = plain_facts(path=path, size=Size(3840, 2160), rate=rate, frames=int(5 * rate), audio=SOUND)
    findings = tuple(
        Finding(check="flash", severity=severity, frames=FrameRange(24, 30), measured=1.0, limit=0.5, unit="", message="A flash.", code="x")
        for severity in severities
    )
    take = Take(task=task, backend="runware", path=path, facts=facts, cost_usd=Decimal("2.10"))
    measured = Measured(signals={}, loudness=None, from_cache=True)
    judgement = Judgement(findings=findings)
    return ExaminedTake(take=take, examination=Examination(path=path, facts=facts, plan=TakePlan(), measured=measured, judgement=judgement))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project.yaml").write_text(PROJECT)
    return load_project(tmp_path / "project.yaml")


def test_what_the_project_says_of_a_shot_stands_in_its_clips(project: Project) -> None:
    first = [examined(task, Fraction(24)) for task in project.shots[0].tasks]
    second = examined(project.shots[1].tasks[0], Fraction(25))
    timeline = cut(project, {"one": first[0], "two": second}, size=None, others={"one": first, "two": [second]})
    one, lake, boat = timeline.clips
    assert (timeline.bit_depth, timeline.language) == (10, "pt-BR")
    # 120 frames of film at 25 frames a second, trimmed by 4 and 10.
    assert (one.source, one.record) == (FrameRange(4, 110), FrameRange(0, 106))
    assert (one.retime, one.fit, one.gain_db) == (Retime(cadence=Cadence.RETIME), Fit.FILL, -3.0)
    # Second 1 of the take is its frame 24, and at 25 frames a second frame 24 still.
    assert one.dialogue == (DialogueLine(frames=FrameRange(24, 48), text="Come."),)
    assert one.markers[0].frames == FrameRange(24, 30)
    assert [(other.name, other.path) for other in one.alternates] == [("one take 2", first[1].take.path)]
    # Twice as fast: the planned cut at second 2 of 50 frames stands at frame 25 of 62.
    assert (lake.source, boat.source) == (FrameRange(8, 25), FrameRange(25, 63))
    assert (lake.sound_shift_frames, boat.sound_shift_frames, lake.gain_db) == (6, 0, -2.0)
    assert boat.markers == ()
    assert lake.markers[0].frames == FrameRange(12, 15)
    assert lake.alternates == ()


def test_the_take_with_the_least_wrong_goes_into_the_edit_and_remarks_do_not_count(project: Project) -> None:
    first, second = project.shots[0].tasks
    remarked = examined(first, Fraction(24), severities=(Severity.INFO,) * 3)
    assert best_take([examined(second, Fraction(24), severities=()), remarked]) is remarked
    assert best_take([remarked, examined(second, Fraction(24), severities=(Severity.REVIEW,))]) is remarked
    doubtful = examined(first, Fraction(24), severities=(Severity.REVIEW,) * 2)
    assert best_take([examined(second, Fraction(24)), doubtful]) is doubtful
