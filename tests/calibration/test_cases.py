"""What is asked follows from the seed, and each case keeps its half."""

from kling_post.calibration.cases import QUICK, Case, Extent, Half, Kind, plan_cases
from kling_post.calibration.injectors.registry import all_hard_negatives, all_injectors

TRAITS = {
    "still": frozenset({"steady"}),
    "ride": frozenset({"moving", "even", "sounding"}),
    "walk": frozenset({"moving", "steady", "sounding"}),
}


def test_the_same_seed_asks_the_same() -> None:
    assert plan_cases(TRAITS, seed=4) == plan_cases(TRAITS, seed=4)
    assert plan_cases(TRAITS, seed=4) != plan_cases(TRAITS, seed=5)


def test_no_case_is_asked_twice() -> None:
    cases = plan_cases(TRAITS, seed=1)
    assert len({case.key for case in cases}) == len(cases)


def test_every_injector_and_every_hard_negative_is_asked() -> None:
    names = {case.name for case in plan_cases(TRAITS, seed=1) if case.kind is not Kind.CLEAN}
    assert names == set(all_injectors()) | set(all_hard_negatives())


def test_a_defect_is_put_only_into_footage_in_which_it_exists() -> None:
    for case in plan_cases(TRAITS, seed=1):
        if case.kind is Kind.DEFECT:
            assert all_injectors()[case.name].traits <= TRAITS[case.footage]


def test_both_halves_hold_about_half() -> None:
    halves = [case.half for case in plan_cases(TRAITS, seed=1, extent=Extent(shots_each=3))]
    assert 0.4 < halves.count(Half.SETTING) / len(halves) < 0.6


def test_a_half_is_a_matter_of_the_description_alone() -> None:
    case = Case(kind=Kind.DEFECT, name="hard_cut", size=0.5, footage="ride", grain=3.0, crf=23, seed=1)
    assert case.key == "defect hard_cut 0.5 ride grain 3 crf 23 seed 1"
    assert case.half is Half.SETTING or case.half is Half.REPORT
    assert case.chance().integers(1 << 30) == case.chance().integers(1 << 30)


def test_a_quick_run_asks_one_visible_size_of_each() -> None:
    cases = [case for case in plan_cases(TRAITS, seed=1, extent=QUICK) if case.kind is Kind.DEFECT]
    assert len(cases) == len(all_injectors())
    assert all(case.size >= all_injectors()[case.name].visible for case in cases)
