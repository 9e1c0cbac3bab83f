"""What the checks are to reach, each goal with what this run reached."""

from collections.abc import Iterator
from dataclasses import dataclass

from kling_post.calibration.cases import Kind
from kling_post.calibration.evaluate import alarms, curve, ours, tally
from kling_post.calibration.injectors.registry import all_injectors
from kling_post.calibration.run import Benchmark, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal."""

    text: str
    wanted: str
    reached: str
    met: bool | None
    """None where this run did not ask."""


def goals(bench: Benchmark) -> tuple[Goal, ...]:
    """All of them."""
    return (*_recalls(bench), *_repeats(bench), *_cuts(bench), _flicker(bench), _alarms(bench))


def _recalls(bench: Benchmark) -> Iterator[Goal]:
    checks = sorted({injector.check for injector in all_injectors().values()})
    for check in checks:
        counts = tally(check, bench.outcomes, ours(check, bench))
        asked = counts.hits + counts.misses
        if asked:
            yield Goal(
                text=f"recall of {check} at visible sizes",
                wanted=">= 0.95",
                reached=f"{counts.recall:.3f} ({counts.hits}/{asked})",
                met=counts.recall >= 0.95,
            )


def _repeats(bench: Benchmark) -> Iterator[Goal]:
    for grain, wanted in ((0.0, 0.99), (3.0, 0.95)):
        outcomes = [outcome for outcome in bench.outcomes if outcome.case.kind is Kind.DEFECT and outcome.case.grain == grain]
        for check in ("duplicate_frames", "freeze"):
            counts = tally(check, outcomes, ours(check, bench))
            asked = counts.hits + counts.misses
            yield Goal(
                text=f"recall of {check}, grain {grain:g}",
                wanted=f">= {wanted}",
                reached=f"{counts.recall:.3f} ({counts.hits}/{asked})",
                met=counts.recall >= wanted if asked else None,
            )


def _cuts(bench: Benchmark) -> Iterator[Goal]:
    counts = tally("cuts", bench.outcomes, ours("cuts", bench), leave_out=("morph_cut", "warped_cut", "jump_cut"))
    yield Goal(text="F1 of hard cuts", wanted=">= 0.97", reached=f"{counts.f1:.3f}", met=counts.f1 >= 0.97)
    tempting = {"whip_pan", "whip_pan_fast", "camera_flash", "explosion", "passer_by", "dolly_through"}
    flashes = {"bright_frame", "dark_frame", "bright_frames", "foreign_frame"}
    told = sum(each.check == "cuts" for outcome in bench.outcomes if _named(outcome, tempting | flashes) for each in outcome.found)
    yield Goal(text="cuts reported on flashes and whip pans", wanted="0", reached=str(told), met=told == 0)


def _named(outcome: Outcome, names: set[str]) -> bool:
    return outcome.case.name in names


def _flicker(bench: Benchmark) -> Goal:
    area = curve("flicker", bench.outcomes)
    known = area == area  # noqa: PLR0124 - NaN where nothing was asked
    return Goal(text="AUC of flicker, pulses from 1.5 %", wanted=">= 0.99", reached=f"{area:.3f}", met=area >= 0.99 if known else None)


def _alarms(bench: Benchmark) -> Goal:
    counted = alarms(bench, Kind.HARD_NEGATIVE)
    rate = counted.per_ten_minutes(fail_only=True)
    return Goal(
        text="fail-level false alarms per 10 minutes of hard negatives",
        wanted="<= 1",
        reached=f"{rate:.1f} ({counted.fail} in {counted.seconds / 60:.1f} min)",
        met=rate <= 1 if counted.seconds else None,
    )
