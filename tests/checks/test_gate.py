"""Profiles, waivers and a baseline change what a finding costs, never that it is told."""

from datetime import date
from typing import Any

import pytest

from kling_post.checks.baseline import against, parse_baseline
from kling_post.checks.judge import limits_with
from kling_post.checks.profiles import PROFILES, profile
from kling_post.checks.waivers import parse_waivers, waived
from kling_post.errors import ProjectError, UsageError
from kling_post.vocabulary import Finding, FrameRange, Judgement, Severity, Verdict

TODAY = date(2027, 1, 31)
CHECKS = ("flicker", "black")


def found(**changes: Any) -> Finding:
    values: dict[str, Any] = {
        "check": "flicker",
        "severity": Severity.FAIL,
        "frames": FrameRange(24, 48),
        "measured": 3.0,
        "limit": 2.0,
        "unit": "%",
        "message": "It flickers.",
    }
    return Finding(**{**values, **changes})


def judged(*findings: Finding) -> Judgement:
    return Judgement(findings=findings or (found(),))


def waiver(**changes: Any) -> dict[str, Any]:
    return {"check": "flicker", "owner": "Ada", "reason": "A candle.", "expires": "2027-01-31", **changes}


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_names_real_checks_and_limits(name: str) -> None:
    assert limits_with(PROFILES[name].limits)


def test_the_limits_of_strict_are_at_most_half_the_built_in_ones() -> None:
    built_in = limits_with({})
    assert set(profile("strict").limits) >= {"flicker", "colour_drift", "jitter"}
    for name, limits in profile("strict").limits.items():
        for limit, value in limits.items():
            assert isinstance(value, float)
            assert value <= getattr(built_in[name], limit) / 2, f"{name}.{limit}"


def test_strict_fails_what_delivery_leaves_to_review_and_draft_does_not_stop_at() -> None:
    review = judged(found(severity=Severity.REVIEW))
    verdicts = {name: each.weighed(review).verdict for name, each in PROFILES.items()}
    assert verdicts == {"strict": Verdict.FAIL, "delivery": Verdict.REVIEW, "draft": Verdict.PASS}


def test_a_draft_still_fails_on_black_but_not_on_flicker() -> None:
    assert profile("draft").weighed(judged(found(check="black"))).verdict is Verdict.FAIL
    assert profile("draft").weighed(judged()).verdict is Verdict.REVIEW


def test_notes_stay_notes_in_every_profile() -> None:
    for each in PROFILES.values():
        assert each.weighed(judged(found(severity=Severity.INFO))).verdict is Verdict.PASS


def test_an_unknown_profile_names_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="strict, delivery, draft"):
        profile("lenient")


def test_a_waived_finding_is_a_note_that_says_who_answers_for_it() -> None:
    (finding,) = waived(judged(), parse_waivers([waiver()], known_checks=CHECKS), clip="take.mp4", today=TODAY).findings
    assert finding.severity is Severity.INFO
    assert finding.message == "It flickers. Waived by Ada until 2027-01-31: A candle."


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({"expires": "2027-01-30"}, TODAY),
        ({"check": "black"}, TODAY),
        ({"clip": "other_*.mp4"}, TODAY),
        ({"frames": [25, 48]}, TODAY),
        ({"frames": [24, 47]}, TODAY),
    ],
)
def test_a_waiver_that_does_not_fit_waives_nothing(changes: dict[str, Any], day: date) -> None:
    waivers = parse_waivers([waiver(**changes)], known_checks=CHECKS)
    assert waived(judged(), waivers, clip="take.mp4", today=day).verdict is Verdict.FAIL


@pytest.mark.parametrize("changes", [{"clip": "ta?e.*"}, {"frames": [24, 48]}, {"frames": [0, 100]}, {"expires": date(2027, 1, 31)}])
def test_a_waiver_that_fits_waives(changes: dict[str, Any]) -> None:
    waivers = parse_waivers([waiver(**changes)], known_checks=CHECKS)
    assert waived(judged(), waivers, clip="take.mp4", today=TODAY).verdict is Verdict.PASS


def test_a_waiver_for_frames_does_not_cover_a_finding_of_the_whole_clip() -> None:
    waivers = parse_waivers([waiver(frames=[0, 100])], known_checks=CHECKS)
    assert waived(judged(found(frames=None)), waivers, clip="take.mp4", today=TODAY).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "are a list"),
        ([3], "waiver 1 is not a mapping"),
        ([waiver(), waiver(owner="")], "waiver 2 says no owner"),
        ([waiver(reason=None)], "says no reason"),
        ([waiver(check="fliker")], "no check called 'fliker'"),
        ([waiver(until="x")], "unknown key 'until'"),
        ([waiver(expires="soon")], "expires takes a day"),
        ([waiver(expires=None)], "expires takes a day"),
        ([waiver(frames=[5, 5])], "frames takes"),
        ([waiver(frames=[True, 5])], "frames takes"),
        ([waiver(clip=7)], "clip takes"),
    ],
)
def test_a_wrong_waiver_is_refused_by_its_place(data: object, words: str) -> None:
    with pytest.raises(ProjectError, match=words):
        parse_waivers(data, known_checks=CHECKS)


def baseline(**changes: Any) -> Any:
    entry = {"check": "flicker", "severity": "fail", "frames": [24, 48], "measured": 3.0, "limit": 2.0, **changes}
    return parse_baseline({"clips": [{"path": "/old/place/take.mp4", "findings": [entry]}]})["take.mp4"]


@pytest.mark.parametrize("changes", [{}, {"frames": [22, 46]}, {"measured": 2.95}, {"measured": 5.0}, {"frames": [0, 100]}])
def test_what_was_there_before_and_is_no_worse_is_a_note(changes: dict[str, Any]) -> None:
    (finding,) = against(judged(), baseline(**changes)).findings
    assert finding.severity is Severity.INFO
    assert finding.message.endswith("Known from the baseline, and no worse.")


@pytest.mark.parametrize(
    "changes",
    [{"check": "black"}, {"severity": "review"}, {"frames": [27, 48]}, {"frames": [24, 40]}, {"frames": None}, {"measured": 2.5}],
)
def test_what_is_new_or_worse_counts(changes: dict[str, Any]) -> None:
    assert against(judged(), baseline(**changes)).verdict is Verdict.FAIL


@pytest.mark.parametrize("data", [[], {}, {"clips": [{"path": "a"}]}, {"clips": [{"path": "a", "findings": [{"check": "x"}]}]}])
def test_a_baseline_that_is_none_says_how_to_make_one(data: object) -> None:
    with pytest.raises(ProjectError, match="check --json"):
        parse_baseline(data)
