"""Are there black frames?"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackLimits:
    """What counts as black."""

    level: float = 0.04
    """Nominal level, 0 black to 1 white, that 99 % of the picture must not exceed; a night scene's lights lie far above."""
    frames: int = 1
    """Length from which it is reported; one black frame at a join is seen as a flash."""
    fade_level: float = 0.25
    """A meant fade leads to black: the frame beside it is darker than this, the same 99 % of the picture. From there on it is a jump."""


class Black:
    """Black frames, anywhere."""

    name = "black"
    title = "Black frames"
    needs = ("luma",)
    limits = BlackLimits()

    def judge(self, subject: Subject, limits: BlackLimits) -> Answer:
        """A finding per black stretch; one at head or tail, or between fades, may be meant and is only for review."""
        facts = subject.facts
        black, span = (0, 255) if facts.color_range == "full" else (16, 219)
        level = (subject.signals["luma"]["percentiles"][:, 4] - black) / span
        findings = []
        for found in runs(level <= limits.level):
            if found.frames < limits.frames:
                continue
            whole = found.frames == facts.frames
            edge = (found.start == 0 or found.stop == facts.frames) and not whole
            beside = [level[frame] for frame in (found.start - 1, found.stop) if 0 <= frame < facts.frames]
            faded = not whole and max(beside) <= limits.fade_level
            brightest = float(np.max(level[found.start : found.stop]))
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW if edge or faded else Severity.FAIL,
                    frames=found,
                    measured=brightest,
                    limit=limits.level,
                    unit="of white",
                    message="The whole take is black."
                    if whole
                    else f"Black picture{' between fades' if faded and not edge else ''}: {stretch(found, facts)}.",
                    source="99th percentile of luma",
                    remedy="Trim it away." if edge else "",
                )
            )
        return Answer(findings=tuple(findings))


CHECK = Black()
