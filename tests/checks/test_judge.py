"""All checks asked at once: limits by name, forbidden words, and what could not be asked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kling_post.checks import registry
from kling_post.checks.check import Subject
from kling_post.checks.judge import _raised, judge, limits_with
from kling_post.checks.picture.black import CHECK as BLACK
from kling_post.checks.registry import all_checks
from kling_post.checks.words import forbidden, words_by_check
from kling_post.errors import ProjectError
from kling_post.vocabulary import Finding, Severity, TakePlan, Verdict


@pytest.fixture(scope="module")
def clean(make: Any) -> Subject:
    subject: Subject = make.clip(pictures=make.pan(48, 0.6), grain=1).subject()
    return subject


def test_clean_footage_passes_every_check(clean: Subject) -> None:
    judgement = judge(clean)
    assert judgement.findings == ()
    assert judgement.verdict is Verdict.PASS


def test_every_check_is_known_by_its_own_name_and_has_a_title() -> None:
    for name, check in all_checks().items():
        assert name == check.name
        assert check.title


def test_an_unknown_check_names_the_nearest(clean: Subject) -> None:
    with pytest.raises(ProjectError, match=r"no check called 'fliker'.*'flicker'"):
        judge(clean, overrides={"fliker": {}})


def test_an_unknown_limit_names_the_nearest(clean: Subject) -> None:
    with pytest.raises(ProjectError, match=r"no limit called 'fail_precent'.*'fail_percent'"):
        judge(clean, overrides={"flicker": {"fail_precent": 3.0}})


@pytest.mark.parametrize("value", ["3", None, True, [3]])
def test_a_limit_of_another_kind_is_refused(clean: Subject, value: object) -> None:
    with pytest.raises(ProjectError, match=r"flicker\.fail_percent takes a value like 2.0"):
        judge(clean, overrides={"flicker": {"fail_percent": value}})


def test_a_whole_number_stands_for_a_real_one() -> None:
    assert limits_with({"flicker": {"fail_percent": 3}})["flicker"].fail_percent == 3.0  # type: ignore[attr-defined]


def test_a_changed_limit_changes_the_verdict(make: Any) -> None:
    pictures = [16 + (picture - 16) * (1.02 if place % 2 else 1.0) for place, picture in enumerate(make.pan(48, 0.0))]
    subject = make.clip(pictures=pictures).subject()
    assert judge(subject).verdict is Verdict.REVIEW
    assert (
        judge(subject, overrides={"flicker": {"review_percent": 5.0, "fail_percent": 5.0, "unrest_percent": 50.0}}).verdict is Verdict.PASS
    )
    assert judge(subject, overrides={"flicker": {"enabled": False}}).verdict is Verdict.PASS


def test_a_forbidden_word_raises_the_checks_severity(make: Any) -> None:
    pictures = [16 + (picture - 16) * (1.018 if place % 2 else 1.0) for place, picture in enumerate(make.pan(48, 0.0))]
    plain = judge(make.clip(pictures=pictures).subject())
    strict = judge(make.clip(pictures=pictures).subject(TakePlan(negative_prompt="low detail, flicker, cartoon look")))
    assert plain.verdict is Verdict.REVIEW
    assert strict.verdict is Verdict.FAIL
    assert strict.findings[0].message.endswith("The request forbids 'flicker'.")


def test_what_was_not_measured_is_undetermined_and_never_a_pass(make: Any) -> None:
    subject = make.clip(pictures=make.pan(24, 0.6)).subject(signals=["luma"])
    judgement = judge(subject)
    assert judgement.verdict is Verdict.UNDETERMINED
    assert "flicker" in {each.check for each in judgement.undetermined}


def test_findings_come_in_the_order_of_their_frames(make: Any) -> None:
    pictures = make.pan(60, 0.6)
    pictures[40] = np.full_like(pictures[40], 16)
    pictures[10] = np.full_like(pictures[10], 16)
    starts = [finding.frames.start for finding in judge(make.clip(pictures=pictures).subject()).findings if finding.frames]
    assert starts == sorted(starts)
    assert {10, 40} <= set(starts)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_takes_of_a_few_frames_are_judged_without_error(make: Any, frames: int) -> None:
    judgement = judge(make.clip(pictures=make.pan(frames, 1.0)).subject())
    assert all(finding.severity is not Severity.FAIL for finding in judgement.findings)


def test_two_checks_of_one_name_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        def load(self) -> object:
            return BLACK

    registry.all_checks.cache_clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if group == "kling_post.checks" else [])
    with pytest.raises(ValueError, match="two checks are called 'black'"):
        registry.all_checks()
    monkeypatch.undo()
    registry.all_checks.cache_clear()


def test_words_of_the_four_requests_name_the_checks_they_sharpen() -> None:
    station = "low detail, jittery motion, flickering architecture, abrupt scene cuts, text, watermark, logo, frame, low resolution"
    assert forbidden(station) == {
        "flicker": "flickering",
        "local_flicker": "flickering",
        "cuts": "scene cuts",
        "jitter": "jittery",
        "resolution": "low resolution",
        "text": "watermark",
        "borders": "frame",
    }
    assert forbidden(None) == {}
    assert forbidden("duplicate person, extra limbs, frame-rate") == {}


UNWORDED = ("request_", "container", "sound_dc", "sound_length", "sound_loudness", "sound_one_sided", "sound_phase")


def test_every_check_of_the_picture_and_of_audible_faults_has_words_that_forbid_its_defect() -> None:
    wordless = {name for name in all_checks() if name not in words_by_check() and not name.startswith(UNWORDED)}
    assert wordless == set(), "a new check needs its phrases in kling_post/checks/words.json, or its name above"


@pytest.mark.parametrize(("check", "phrases"), list(words_by_check().items()))
def test_every_phrase_names_its_check_alone_and_in_a_list(check: str, phrases: tuple[str, ...]) -> None:
    assert phrases
    for phrase in phrases:
        assert phrase == phrase.lower().strip()
        assert check in forbidden(phrase)
        assert check in forbidden(f"extra fingers, {phrase.title()}; cartoon")
        if phrase.isalpha():
            assert check not in forbidden(f"x{phrase}, {phrase}-like")


def test_a_remark_on_what_cannot_be_told_is_not_raised() -> None:
    note = Finding(check="resolution", severity=Severity.INFO, frames=None, measured=0.1, limit=None, unit="dex", message="Cannot be told.")
    assert _raised(note, "blurry") is note
    small = replace(note, limit=0.15)
    assert _raised(small, "blurry").severity is Severity.REVIEW
