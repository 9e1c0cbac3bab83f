"""Could every frame be decoded in full?"""

from dataclasses import dataclass

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedFramesLimits:
    """There is nothing to set: a stream is whole, or it is not."""


class DamagedFrames:
    """Damage in the coded picture."""

    name = "damaged_frames"
    title = "Damaged frames"
    needs = ("integrity",)
    limits = DamagedFramesLimits()

    def judge(self, subject: Subject, limits: DamagedFramesLimits) -> Answer:
        """A finding per stretch of frames that the decoder had to make up in part."""
        del limits
        findings = [
            Finding(
                check=self.name,
                severity=Severity.FAIL,
                frames=frames,
                measured=float(frames.frames),
                limit=0.0,
                unit="frames",
                message=f"The coded picture is damaged: {stretch(frames, subject.facts)} cannot be decoded in full.",
                source="the decoder",
                remedy="Fetch the file again.",
            )
            for frames in runs(subject.signals["integrity"]["damaged"] > 0)
        ]
        return Answer(findings=tuple(findings))


CHECK = DamagedFrames()
