"""A review becomes the next edit: on a real run, small."""

import json
from pathlib import Path

import pytest

from kling_post.cli import main
from kling_post.review.room import log_path
from kling_post.review.session import ReviewSession, load_session
from kling_post.review.verdicts import FindingWaived, TakeChosen, Trimmed, VerdictGiven, VerdictLog

PROJECT = """\
name: plains
rate: 24
size: 3840x2160
loudness: ebu-r128
{budget}
shots:
  - id: dawn
    prompt: "Wide shot of a snowy plain at dawn, slow dolly forward."
    duration: 3
    takes: 2
  - id: dusk
    prompt: "Wide shot of a snowy plain at dusk, the camera pans right."
    duration: 3
"""
WORDS = ("--rehearse", "160x90", "-q")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was run, with two takes of its first shot."""
    folder = tmp_path_factory.mktemp("plains")
    (folder / "project.yaml").write_text(PROJECT.format(budget="budget_usd: 20"))
    assert main(["run", str(folder / "project.yaml"), "--out", str(folder / "out"), *WORDS]) in {0, 5}
    return folder


def session_of(folder: Path) -> ReviewSession:
    return load_session(folder / "out" / "rehearsal_160x90")


def take_id(session: ReviewSession, shot_id: str, number: int) -> str:
    shot = session.shot(shot_id)
    assert shot is not None
    return next(take.take_id for take in shot.takes if take.number == number)


@pytest.mark.slow
def test_a_review_cuts_the_edit_anew_orders_one_retake_and_holds_for_later_runs(reviewed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, out = str(reviewed / "project.yaml"), str(reviewed / "out")
    before = session_of(reviewed)
    log = VerdictLog(log_path(before.folder))
    log.append(TakeChosen(shot="dawn", take=take_id(before, "dawn", 2)))
    log.append(Trimmed(take=take_id(before, "dawn", 2), start=6, stop=60))
    log.append(VerdictGiven(take=take_id(before, "dusk", 1), verdict="rejected"))
    file = next(take.path.name for take in before.takes.values() if take.shot_id == "dawn" and take.number == 2)
    log.append(
        FindingWaived.model_validate(
            {"subject": file, "check": "sound_silence", "frames": None, "reason": "A quiet plain.", "expires": "2099-01-01", "by": "mara"}
        )
    )

    master = before.folder / "master" / "plains.mp4"
    old = master.read_bytes()
    assert main(["apply-verdicts", project, "--out", out, "--rehearse", "160x90", "--dry-run", "--json"]) == 0
    foreseen = json.loads(capsys.readouterr().out)
    assert foreseen["retakes"] == [{"shot": "dusk", "take": 2, "why": "every take is rejected"}]
    assert master.read_bytes() == old
    assert not (before.folder / "review" / "decisions.json").exists()

    assert main(["apply-verdicts", project, "--out", out, *WORDS]) in {0, 5}
    after = session_of(reviewed)
    assert after.used == {"dawn": take_id(before, "dawn", 2), "dusk": take_id(after, "dusk", 2)}
    assert [(clip.source.start, clip.source.stop) for clip in after.clips] == [(6, 60), (0, 72)]
    assert "A quiet plain." in (after.folder / "review" / "waivers.yaml").read_text()
    assert len(after.takes) == 4

    assert main(["run", project, "--out", out, *WORDS]) in {0, 5}
    assert session_of(reviewed).used == after.used
    assert main(["apply-verdicts", project, "--out", out, "--dry-run", "--rehearse", "160x90", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["retakes"] == []
