"""The scores of the motion signals as a table and as JSON."""

import math
from collections.abc import Sequence

import numpy as np

from kling_post.calibration.exact_motion import LEAST_KNOWN, MotionScore
from kling_post.calibration.tables import table


def motion_markdown(scores: Sequence[MotionScore]) -> str:
    """What every signal reads of each shot, and over all of them."""
    rows = []
    for score in scores:
        for reading in score.readings:
            cells = (f"{np.median(reading.error):.3f}", f"{np.percentile(reading.error, 95):.3f}", f"{reading.ratio:.3f}")
            rows.append([score.footage, str(score.crf), f"{score.known:.2f}", f"{score.speed:.2f}", reading.name, *cells])
    columns = ("shot", "CRF", "share known", "px a frame", "figure", "median error, px", "95 % error, px", "read / true")
    wrong = sorted({score.footage for score in scores if not score.traits_agree})
    left = sorted({score.footage for score in scores if not score.readings})
    text = (
        "Movement as it was drawn (from depth and camera) against what the signals read in the coded file, in pixels of the stored picture "
        f"per frame. Left out, because less than {LEAST_KNOWN:.0%} of the picture has known movement: {', '.join(left) or 'none'}. "
        f"Shots whose traits from pixels are not those of the known movement: {', '.join(wrong) or 'none'}."
    )
    return f"### Motion against exact flow\n\n{text}\n\n{_over_all(scores)}\n\n{table(columns, rows)}\n"


def _over_all(scores: Sequence[MotionScore]) -> str:
    rows = []
    names = dict.fromkeys(reading.name for score in scores for reading in score.readings)
    for name in names:
        for crf in sorted({score.crf for score in scores}):
            chosen = [one for score in scores if score.crf == crf for one in score.readings if one.name == name]
            errors = np.concatenate([one.error for one in chosen])
            ratios = [one.ratio for one in chosen]
            rows.append(
                [
                    name,
                    str(crf),
                    f"{len(chosen)}, {len(errors)}",
                    f"{np.median(errors):.3f}",
                    f"{np.percentile(errors, 95):.3f}",
                    f"{np.median(ratios):.3f} ({min(ratios):.2f}-{max(ratios):.2f})",
                ]
            )
    return table(("figure", "CRF", "shots, steps", "median error, px", "95 % error, px", "read / true"), rows)


def motion_figures(scores: Sequence[MotionScore]) -> dict[str, object]:
    """The same as JSON values."""
    return {
        "shots": [
            {
                "footage": score.footage,
                "crf": score.crf,
                "seed": score.seed,
                "known": round(score.known, 4),
                "pixels_a_frame": round(score.speed, 4),
                "traits_agree": score.traits_agree,
                "readings": [
                    {
                        "name": reading.name,
                        "median_error_px": round(float(np.median(reading.error)), 4),
                        "p95_error_px": round(float(np.percentile(reading.error, 95)), 4),
                        "read_over_true": None if math.isnan(reading.ratio) else round(reading.ratio, 4),
                    }
                    for reading in score.readings
                ],
            }
            for score in scores
        ]
    }
