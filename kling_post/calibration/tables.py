"""The benchmark's figures as Markdown tables."""

import math
from collections.abc import Sequence

from kling_post.calibration.cases import Half, Kind
from kling_post.calibration.evaluate import (
    alarms,
    best_setting,
    curve,
    dose,
    is_visible,
    other_alarms,
    ours,
    peer_alarms,
    peer_finder,
    tally,
)
from kling_post.calibration.footage import RATE
from kling_post.calibration.goals import goals
from kling_post.calibration.injectors.injector import LEAST_SHARE
from kling_post.calibration.injectors.registry import all_hard_negatives, all_injectors
from kling_post.calibration.peers import PEERS, scenedetect_version
from kling_post.calibration.run import Benchmark
from kling_post.calibration.score import interval
from kling_post.calibration.stepped import STEPPED_SHARE
from kling_post.calibration.sweeps import SWEEPS

FREEZE_FRAMES = 0.2 * float(RATE)
"""Stills up to here are repeats, longer ones freezes."""


def markdown(bench: Benchmark) -> str:
    """All tables, one below the other."""
    parts = (_asked, _goals, _checks, _doses, _false_alarms, _alarm_list, _settings, _peers, _others, _footage)
    return "\n\n".join(part(bench) for part in parts) + "\n"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """One Markdown table; bars in cells are escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def share(value: float) -> str:
    """A share of 1 with three digits; a dash where there was nothing to ask."""
    return "-" if math.isnan(value) else f"{value:.3f}"


def asked_checks(bench: Benchmark) -> tuple[str, ...]:
    """The checks that some defect of this run is for."""
    injectors = all_injectors()
    return tuple(sorted({injectors[outcome.case.name].check for outcome in bench.outcomes if outcome.case.kind is Kind.DEFECT}))


def _asked(bench: Benchmark) -> str:
    lines = []
    for kind in Kind:
        of_kind = [outcome for outcome in bench.outcomes if outcome.case.kind is kind]
        halves = {half: sum(outcome.case.half is half for outcome in of_kind) for half in Half}
        minutes = sum(outcome.seconds for outcome in of_kind) / 60
        lines.append([str(kind), str(len(of_kind)), f"{minutes:.1f}", str(halves[Half.SETTING]), str(halves[Half.REPORT])])
    spent = sum(outcome.cpu_seconds for outcome in bench.outcomes)
    text = f"Seed {bench.seed}; {spent / 60:.1f} minutes of CPU time for making, measuring and judging the clips."
    if bench.left_out:
        text += f" Left out as too short: {', '.join(bench.left_out)}."
    head = table(("clips", "number", "minutes", "setting half", "report half"), lines)
    return f"### What was asked\n\n{text}\n\n{head}"


def _goals(bench: Benchmark) -> str:
    rows = [[each.text, each.wanted, each.reached, "-" if each.met is None else "yes" if each.met else "**no**"] for each in goals(bench)]
    return "### Goals\n\n" + table(("goal", "wanted", "reached", "met"), rows)


def _checks(bench: Benchmark) -> str:
    rows = []
    for check in asked_checks(bench):
        counts = tally(check, bench.outcomes, ours(check, bench))
        low, high = interval(counts.hits, counts.hits + counts.misses)
        rows.append(
            [
                check,
                f"{counts.hits}/{counts.hits + counts.misses}",
                f"{share(counts.recall)} ({low:.2f}-{high:.2f})",
                share(counts.precision),
                share(counts.f1),
                share(curve(check, bench.outcomes)) if check in SWEEPS else "-",
            ]
        )
    note = (
        "Defects of visible size, built-in limits. Recall with its 95 % interval (Wilson). AUC: how well the check's deciding limits "
        f"order faulty and innocent clips. {_swallowed(bench)}"
    )
    return f"### Every check\n\n{note}\n\n" + table(("check", "found", "recall", "precision", "F1", "AUC"), rows)


def _swallowed(bench: Benchmark) -> str:
    """How many cases do not count because the encoder has taken their defect away."""
    asked = [outcome for outcome in bench.outcomes if outcome.case.kind is Kind.DEFECT]
    gone = sum(
        outcome.case.size >= injector.visible and not is_visible(outcome, injector)
        for outcome in asked
        for injector in (all_injectors()[outcome.case.name],)
    )
    banded = sum(outcome.coder_bands >= STEPPED_SHARE for outcome in bench.outcomes)
    told = []
    if gone:
        told.append(
            f"Left out: {gone} clips in which the encoder left less than {LEAST_SHARE:.0%} of a visible defect, or nobody can tell."
        )
    if banded:
        told.append(f"Of banding, {banded} clean clips and hard negatives are left out too: in them the encoder made bands of its own.")
    return " ".join(told)


def _doses(bench: Benchmark) -> str:
    rows = []
    for injector in all_injectors().values():
        doses = dose(bench, injector)
        for grain in sorted({grain for grain, _ in doses}):
            cells = [
                f"{size:g}{'*' if size >= injector.visible else ''}: {counts.hits}/{counts.hits + counts.misses}"
                for (of_grain, size), counts in sorted(doses.items())
                if of_grain == grain
            ]
            rows.append([injector.check, injector.title, f"{grain:g}", injector.unit, ", ".join(cells)])
    note = "Found of those put in, by size; a star marks sizes that people see and the check must find."
    return f"### Dose and response\n\n{note}\n\n" + table(("check", "defect", "grain", "unit", "size: found"), rows)


def _false_alarms(bench: Benchmark) -> str:
    rows = []
    checks = sorted({each.check for outcome in bench.outcomes for each in outcome.found})
    for check in (None, *checks):
        cells = []
        for kind in (Kind.CLEAN, Kind.HARD_NEGATIVE):
            counted = alarms(bench, kind, check)
            cells += [f"{counted.fail}", f"{counted.review}", f"{counted.per_ten_minutes(fail_only=True):.1f}"]
        if check is None or any(cell not in {"0", "0.0"} for cell in cells):
            rows.append([check or "all checks", *cells])
    columns = ("check", "clean: fail", "review", "fail per 10 min", "hard negatives: fail", "review", "fail per 10 min")
    return "### False alarms\n\n" + table(columns, rows)


def _alarm_list(bench: Benchmark) -> str:
    negatives = all_hard_negatives()
    rows = []
    for outcome in bench.outcomes:
        case = outcome.case
        if case.kind is Kind.DEFECT:
            continue
        allowed = negatives[case.name].allowed if case.kind is Kind.HARD_NEGATIVE else frozenset()
        rows += [
            [str(case.kind), case.name, f"{case.crf}", each.check, str(each.severity), each.message]
            for each in outcome.found
            if each.check not in allowed
        ]
    columns = ("clips", "shot", "CRF", "check", "severity", "what it says")
    return "### Each false alarm\n\n" + (table(columns, rows) if rows else "None.")


def _settings(bench: Benchmark) -> str:
    rows = []
    for check in SWEEPS:
        found = best_setting(check, bench)
        if found is not None:
            limits = ", ".join(SWEEPS[check].limits)
            cells = (found.setting.f1, found.report.f1, found.report_built_in.f1, found.report_built_in.recall)
            rows.append([check, limits, f"{found.factor:g}", *(share(cell) for cell in cells)])
    note = (
        "The deciding limits times a factor: the factor with the best F1 on the setting half, and what it does on the report half beside "
        "the built-in limits. A clip's half is the first bit of the SHA-256 of its description."
    )
    columns = ("check", "limits", "best factor", "F1 setting", "F1 report", "F1 report, built in", "recall report, built in")
    return f"### Limits: set on one half, reported on the other\n\n{note}\n\n" + table(columns, rows)


def _peers(bench: Benchmark) -> str:
    rows = []
    version = scenedetect_version()
    for check in sorted({check for answers in PEERS.values() for check in answers} & set(asked_checks(bench))):
        # A cadence is one finding with us and many with a tool that knows no cadences: not comparable.
        leave_out = ("repeat_cadence",)
        counts = tally(check, bench.outcomes, ours(check, bench), leave_out=leave_out)
        rows.append([check, "kling-post", *_cells(counts), f"{peer_alarms(bench, check, ours(check, bench)):.1f}"])
        for peer, answers in PEERS.items():
            if check not in answers or (peer.startswith("PySceneDetect") and version is None):
                continue
            finder = peer_finder(peer, check, FREEZE_FRAMES)
            counts = tally(check, bench.outcomes, finder, leave_out=leave_out)
            rows.append([check, peer, *_cells(counts), f"{peer_alarms(bench, check, finder):.1f}"])
    note = f"PySceneDetect {version}." if version else "PySceneDetect is not installed and was not asked."
    note += " Peers with their own thresholds; their shortest duration is set to one frame."
    return f"### Against other tools, on the same files\n\n{note}\n\n" + table(
        ("check", "tool", "recall", "precision", "F1", "false alarms per 10 min"), rows
    )


def _cells(counts: object) -> list[str]:
    return [share(getattr(counts, name)) for name in ("recall", "precision", "f1")]


def _others(bench: Benchmark) -> str:
    rows = []
    for injector in all_injectors().values():
        others = other_alarms(bench, injector)
        clips = sum(
            outcome.case.kind is Kind.DEFECT and outcome.case.name == injector.name and is_visible(outcome, injector)
            for outcome in bench.outcomes
        )
        if others:
            rows.append([injector.title, str(clips), ", ".join(f"{check} {count}" for check, count in others.items())])
    note = "Other checks that speak up in clips with a defect of visible size: not counted as false, since they often see the same thing."
    return f"### What else speaks up\n\n{note}\n\n" + table(("defect", "clips", "other checks: clips"), rows)


def _footage(bench: Benchmark) -> str:
    rows = [[shot.name, shot.recipe, ", ".join(sorted(bench.traits[shot.name])) or "-"] for shot in bench.footage]
    negatives = {outcome.case.name for outcome in bench.outcomes if outcome.case.kind is Kind.HARD_NEGATIVE}
    more = [
        [each.name, each.title, ", ".join(sorted(each.allowed)) or "-"] for each in all_hard_negatives().values() if each.name in negatives
    ]
    text = "### Footage\n\n" + table(("clean shot", "recipe", "traits"), rows)
    return text + ("\n\n" + table(("hard negative", "what it is", "may be reported by"), more) if more else "")
