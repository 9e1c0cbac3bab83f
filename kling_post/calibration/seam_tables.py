"""The figures of the benchmark of seams as Markdown tables and as plain values."""

from collections.abc import Callable, Sequence

import numpy as np

from kling_post.calibration.cases import CRFS, Half
from kling_post.calibration.score import Tally, interval
from kling_post.calibration.seam_alterations import LIMIT_OF
from kling_post.calibration.seam_cases import Join
from kling_post.calibration.seam_matching import METHODS
from kling_post.calibration.seam_run import SeamBenchmark, SeamOutcome
from kling_post.calibration.seam_score import (
    Counted,
    altered,
    classes,
    clean_in_file,
    dose_response,
    dropped_counts,
    false_alarms,
    held_counts,
    in_half,
    tally,
    trim_counts,
)
from kling_post.calibration.seam_sound import DOSES as SOUND_DOSES
from kling_post.calibration.seam_sound import SOUND_LIMITS, sound_tally
from kling_post.calibration.tables import share, table

VISIBLE_DOSE = 1.5
FINE_CRF = 23


def seam_markdown(bench: SeamBenchmark) -> str:
    """All tables, one below the other."""
    parts = (_asked, _goals, _properties, _doses, _times, _sound, _alarms, _peers, _matching)
    return "\n\n".join(part(bench) for part in parts) + "\n"


def seam_figures(bench: SeamBenchmark) -> dict[str, object]:
    """The goals and every property as values for machines."""
    return {
        "seed": bench.seed,
        "user_clips": bench.user_clips,
        "joins": len(bench.outcomes),
        "sizes": [str(size) for size in bench.sizes],
        "left_out": list(bench.left_out),
        "goals": [{"goal": goal, "wanted": wanted, "reached": reached, "met": met} for goal, wanted, reached, met in _goal_rows(bench)],
        "properties": {name: {"f1": tally(bench.outcomes, name, VISIBLE_DOSE).f1} for name in LIMIT_OF},
    }


def _fraction(counted: Counted) -> str:
    low, high = interval(counted.right, counted.total)
    return f"{share(counted.share)} ({counted.right}/{counted.total}, {low:.2f}-{high:.2f})" if counted.total else "-"


def _fine(outcome: SeamOutcome) -> bool:
    return outcome.case.crf <= FINE_CRF


def _asked(bench: SeamBenchmark) -> str:
    rows = []
    for join in Join:
        made = [outcome for outcome in bench.outcomes if outcome.case.join is join]
        if made:
            halves = [str(sum(outcome.case.half is half for outcome in made)) for half in Half]
            rows.append([str(join), str(len(made)), *halves])
    spent = sum(outcome.cpu_seconds for outcome in bench.outcomes) / max(len(bench.outcomes), 1)
    sizes = " and ".join(str(size) for size in bench.sizes)
    text = f"Seed {bench.seed}; {len(bench.footage)} takes of {sizes}; {spent:.2f} CPU-seconds for decoding and inspecting a join."
    if bench.left_out:
        text += f" Too short to be split: {', '.join(bench.left_out)}."
    return f"{text}\n\n" + table(("join", "made", "setting half", "report half"), rows)


def _goal_rows(bench: SeamBenchmark) -> list[tuple[str, str, str, bool | None]]:
    report = in_half(bench.outcomes, Half.REPORT)
    kinds = classes(report).values()
    seen = Counted(right=sum(each.right for each in kinds), total=sum(each.total for each in kinds))
    rows = [("class of the join right", ">= 0.98", _fraction(seen), seen.share >= 0.98 if seen.total else None)]
    for name in LIMIT_OF:
        counts = tally(report, name, VISIBLE_DOSE)
        asked = counts.hits + counts.misses
        rows.append((f"F1 of {name} at {VISIBLE_DOSE:g} times the limit", ">= 0.95", _f1(counts), counts.f1 >= 0.95 if asked else None))
    trims, alarms = trim_counts(report, _fine), false_alarms(report)
    label = f"trim count exact, 0 to 12 frames, CRF up to {FINE_CRF}"
    rows.append((label, ">= 0.98", _fraction(trims), trims.share >= 0.98 if trims.total else None))
    rows.append(("untouched joins with a finding", "<= 0.01", _fraction(alarms), alarms.share <= 0.01 if alarms.total else None))
    label = "of those, clean in the file too: the encoder makes no step beyond a limit"
    clean = false_alarms([each for each in report if each.case.join is Join.PLAIN and clean_in_file(each)])
    rows.append((label, "<= 0.01", _fraction(clean), clean.share <= 0.01 if clean.total else None))
    return rows


def _goals(bench: SeamBenchmark) -> str:
    rows = [[goal, wanted, reached, "-" if met is None else "yes" if met else "**no**"] for goal, wanted, reached, met in _goal_rows(bench)]
    return "Goals, on the report half:\n\n" + table(("goal", "wanted", "reached", "met"), rows)


def _f1(counts: Tally) -> str:
    asked = counts.hits + counts.misses
    return f"{share(counts.f1)} ({counts.hits}/{asked} found, {counts.extras} false)" if asked else "-"


def _properties(bench: SeamBenchmark) -> str:
    rows = []
    for name, limit in LIMIT_OF.items():
        halves = [_f1(tally(in_half(bench.outcomes, half), name, VISIBLE_DOSE)) for half in (Half.SETTING, Half.REPORT)]
        fine = tally([outcome for outcome in bench.outcomes if _fine(outcome)], name, VISIBLE_DOSE)
        rows.append([name, f"{limit:g}", *halves, _f1(fine)])
    columns = ("property", "limit", "F1, setting half", "F1, report half", f"F1, both, CRF up to {FINE_CRF}")
    return f"Every property, wrong from {VISIBLE_DOSE:g} times its limit:\n\n" + table(columns, rows)


def _doses(bench: SeamBenchmark) -> str:
    rows = []
    for name in LIMIT_OF:
        doses = dose_response(bench.outcomes, name)
        if doses:
            found = ", ".join(f"{dose:g}: {counted.right}/{counted.total}" for dose, counted in doses.items())
            rows.append([name, found, *([_raised(bench, name)] if bench.user_clips else [])])
    title, columns = "Found of those put in, by multiple of the limit, both halves", ["property", "multiple: found"]
    if bench.user_clips:
        columns.append("of them larger than on an even clip")
        title += (
            ". Where a clip moves or changes unevenly by itself, its own limit is three times what it does around the split, on the "
            "untouched pictures, and faults are multiples of that"
        )
    return f"{title}:\n\n" + table(columns, rows)


def _raised(bench: SeamBenchmark, name: str) -> str:
    """How many faults of a property are multiples of more than its plain limit, and by what factor at the median and at most."""
    asked = altered(bench.outcomes, name)
    factors = [outcome.truth.limits[name] / LIMIT_OF[name] for outcome in asked]
    raised = sorted(factor for factor in factors if factor > 1)
    if not raised:
        return "none"
    return f"{len(raised)} of {len(asked)}: {np.median(raised):.1f} times at the median, {raised[-1]:.1f} at most"


def _times(bench: SeamBenchmark) -> str:
    rows = []
    counters: Sequence[tuple[str, Callable[..., Counted]]] = (
        ("repeated frames counted exactly", trim_counts),
        ("held frames counted exactly", held_counts),
        ("joins with frames left out, marked", dropped_counts),
    )
    for title, counter in counters:
        cells = []
        for crf in CRFS:
            counted = counter(bench.outcomes, lambda outcome, crf=crf: outcome.case.crf == crf)
            cells.append(f"{counted.right}/{counted.total}" + (f", {counted.open} open" if counted.open else "") if counted.total else "-")
        rows.append([title, *cells])
    return "Faults of time, both halves:\n\n" + table(("what", *(f"CRF {crf}" for crf in CRFS)), rows)


def _sound(bench: SeamBenchmark) -> str:
    rows = []
    for name, limit in SOUND_LIMITS.items():
        doses = [[each for each in bench.sounds if each.fault == name and each.amount == dose] for dose in SOUND_DOSES]
        found = [f"{sum(abs(each.measured[name]) > limit for each in at)}/{len(at)}" for at in doses]
        rows.append([name, f"{limit:g}", share(sound_tally(bench.sounds, name, VISIBLE_DOSE).f1), *found])
    echoes = [each for each in bench.sounds if each.fault == "echo"]
    exact = sum(each.measured["echo"] == each.amount for each in echoes)
    head = ("sound", "limit", f"F1 at {VISIBLE_DOSE:g} times", *(f"found at {dose:g} times" for dose in SOUND_DOSES))
    note = f"The sound at a join, made scenes as 16-bit PCM; frames that come twice counted exactly in {exact} of {len(echoes)}:"
    return f"{note}\n\n" + table(head, rows)


def _alarms(bench: SeamBenchmark) -> str:
    rows = []
    for crf in CRFS:
        at = [outcome for outcome in bench.outcomes if outcome.case.crf == crf]
        rows.append([f"{crf}", _fraction(false_alarms(at)), _fraction(false_alarms(at, fails_only=True))])
    said = [
        [outcome.case.footage, f"{outcome.case.crf}", finding.message]
        for outcome in bench.outcomes
        if outcome.case.join is Join.PLAIN
        for finding in outcome.report.judgement.findings
    ]
    text = "Untouched joins with a finding, both halves:\n\n" + table(("CRF", "any finding", "a failure"), rows)
    return text + ("\n\n" + table(("take", "CRF", "what it says"), said) if said else "")


def _peers(bench: SeamBenchmark) -> str:
    outcomes = bench.outcomes
    cuts = [outcome for outcome in outcomes if outcome.truth.kind in {"cut", "continue"}]
    ones = [outcome for outcome in outcomes if outcome.truth.kind == "continue" and outcome.truth.repeated_frames in {0, 1}]
    altered = [outcome for outcome in outcomes if outcome.case.join is Join.ALTERED and outcome.case.amount >= VISIBLE_DOSE]
    plain = [outcome for outcome in outcomes if outcome.case.join is Join.PLAIN]

    def ours(outcome: SeamOutcome) -> bool:
        return bool(outcome.report.judgement.findings)

    def theirs(outcome: SeamOutcome) -> bool:
        return outcome.peer.fault

    def counted(group: Sequence[SeamOutcome], right: Callable[[SeamOutcome], bool]) -> str:
        return _fraction(Counted(right=sum(right(outcome) for outcome in group), total=len(group)))

    rows = [
        [
            "cut or not",
            counted(cuts, lambda outcome: str(outcome.report.seen) == outcome.truth.kind),
            counted(cuts, lambda outcome: outcome.peer.cut == (outcome.truth.kind == "cut")),
        ],
        [
            "first frame repeated or not",
            counted(ones, lambda outcome: _repeats(outcome) == bool(outcome.truth.repeated_frames)),
            counted(ones, lambda outcome: outcome.peer.repeated == bool(outcome.truth.repeated_frames)),
        ],
        [
            f"altered by {VISIBLE_DOSE:g} times the limit and more: marked",
            counted(altered, ours),
            counted(altered, lambda each: each.peer.fault),
        ],
        ["untouched joins marked", counted(plain, ours), counted(plain, lambda each: each.peer.fault or each.peer.repeated)],
    ]
    note = (
        "Beside the rule that others use, the mean absolute difference of the two frames against the clips' median step "
        "(cut above 6, fault above 2, repeat below 0.5):"
    )
    return f"{note}\n\n" + table(("question", "kling-post", "plain difference"), rows)


def _matching(bench: SeamBenchmark) -> str:
    asked = [outcome for outcome in bench.outcomes if outcome.left]
    altered = [outcome for outcome in asked if outcome.case.join is Join.ALTERED]
    plain = [outcome for outcome in asked if outcome.case.join is Join.PLAIN]
    if not asked:
        return "Matching of colours: no such joins were made."

    def cells(group: Sequence[SeamOutcome], name: str) -> list[str]:
        if not group:
            return ["-", "-", "-"]
        colour = [outcome.left[name].colour_delta_e_itp for outcome in group]
        flicker = [outcome.left[name].flicker_percent for outcome in group]
        return [f"{np.median(colour):.2f}", f"{np.percentile(colour, 90):.2f}", f"{np.percentile(flicker, 90):.2f}"]

    rows = [[name, *cells(altered, name), *cells(plain, name)] for name in METHODS]
    head = ("method", "left, median", "left, 9 in 10 below", "flicker", "brought in, median", "brought in, 9 in 10 below", "flicker")
    note = (
        "What matching the colours leaves of a step, in Delta E ITP of the incoming side's mean colour against frames without the fault, "
        f"and flicker, in percent of the range from frame to frame: {len(altered)} joins whose looks step by {VISIBLE_DOSE:g} times a "
        f"limit or more, and {len(plain)} untouched ones, where nothing should be changed:"
    )
    return f"{note}\n\n" + table(head, rows)


def _repeats(outcome: SeamOutcome) -> bool:
    return any(each.name == "repeated frames" and each.measured > 0 for each in outcome.report.properties)
