"""The benchmark's figures and every case as one JSON object."""

import math

from kling_post.calibration.cases import Kind
from kling_post.calibration.evaluate import alarms, curve, ours, tally
from kling_post.calibration.goals import goals
from kling_post.calibration.run import Benchmark, Outcome
from kling_post.calibration.sweeps import SWEEPS
from kling_post.calibration.tables import asked_checks
from kling_post.vocabulary import FrameRange


def figures(bench: Benchmark) -> dict[str, object]:
    """Figures per check, goals, false alarms and all cases; shares that nothing was asked for are null."""
    return {
        "seed": bench.seed,
        "user_clips": bench.user_clips,
        "left_out": list(bench.left_out),
        "goals": [{"goal": each.text, "wanted": each.wanted, "reached": each.reached, "met": each.met} for each in goals(bench)],
        "checks": {check: _check(check, bench) for check in asked_checks(bench)},
        "false_alarms": {str(kind): _alarms(bench, kind) for kind in (Kind.CLEAN, Kind.HARD_NEGATIVE)},
        "cases": [_case(outcome) for outcome in bench.outcomes],
    }


def _check(check: str, bench: Benchmark) -> dict[str, object]:
    counts = tally(check, bench.outcomes, ours(check, bench))
    return {
        "hits": counts.hits,
        "misses": counts.misses,
        "extras": counts.extras,
        "recall": _number(counts.recall),
        "precision": _number(counts.precision),
        "f1": _number(counts.f1),
        "auc": _number(curve(check, bench.outcomes)) if check in SWEEPS else None,
    }


def _alarms(bench: Benchmark, kind: Kind) -> dict[str, float]:
    counted = alarms(bench, kind)
    return {"fail": counted.fail, "review": counted.review, "seconds": round(counted.seconds, 3)}


def _case(outcome: Outcome) -> dict[str, object]:
    case = outcome.case
    return {
        "kind": str(case.kind),
        "name": case.name,
        "size": case.size,
        "footage": case.footage,
        "grain": case.grain,
        "crf": case.crf,
        "seed": case.seed,
        "half": str(case.half),
        "truth": [{"frames": _pair(event.frames), "shape": str(event.shape)} for event in outcome.truth],
        "found": [
            {"check": each.check, "severity": str(each.severity), "frames": _pair(each.frames), "message": each.message}
            for each in outcome.found
        ],
        "peers": {peer: [_pair(frames) for frames in ranges] for peer, ranges in outcome.peers.items()},
    }


def _pair(frames: FrameRange | None) -> list[int] | None:
    return None if frames is None else [frames.start, frames.stop]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
