"""No worse than last time: findings that an earlier run of ``check --json`` had already are notes, new and worse ones count.

For work on footage whose faults are known, where the gate is to catch what a new version adds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kling_post.errors import ProjectError
from kling_post.vocabulary import Finding, FrameRange, Judgement, Severity

_ORDER = (Severity.INFO, Severity.REVIEW, Severity.FAIL)
_NEAR_FRAMES = 2
"""Ends of stretches wander by a frame or two when a clip is encoded anew."""
_WORSE = 1.1
"""A value this many times as far beyond its limit as before is worse; less is measurement and encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding:
    """What a baseline says of one finding."""

    check: str
    severity: Severity
    frames: FrameRange | None
    measured: float | None
    limit: float | None


Baseline = Mapping[str, tuple[KnownFinding, ...]]
"""Known findings by file name."""


def parse_baseline(data: object) -> Baseline:
    """A baseline from the object that ``check --json`` prints.

    Raises:
        ProjectError: not such an object.
    """
    try:
        assert isinstance(data, Mapping)
        return {
            str(clip["path"]).replace("\\", "/").rsplit("/", 1)[-1]: tuple(_known(one) for one in clip["findings"])
            for clip in data["clips"]
        }
    except (AssertionError, KeyError, TypeError, ValueError, IndexError) as error:
        raise ProjectError(
            "the baseline is not what 'kling-post check --json' prints.",
            remedy="Make one with: kling-post check --json FILE... > baseline.json",
        ) from error


def against(judgement: Judgement, known: Sequence[KnownFinding]) -> Judgement:
    """The judgement with every finding that is no worse than a known one turned into a note."""
    return replace(judgement, findings=tuple(_noted(finding, known) for finding in judgement.findings))


def _noted(finding: Finding, known: Sequence[KnownFinding]) -> Finding:
    if finding.severity is Severity.INFO or not any(_no_worse(finding, old) for old in known):
        return finding
    return replace(finding, severity=Severity.INFO, message=f"{finding.message} Known from the baseline, and no worse.")


def _no_worse(finding: Finding, old: KnownFinding) -> bool:
    if finding.check != old.check or _ORDER.index(finding.severity) > _ORDER.index(old.severity):
        return False
    if not _same_place(finding.frames, old.frames):
        return False
    if None in {finding.measured, finding.limit, old.measured, old.limit}:
        return True
    assert finding.measured is not None
    assert finding.limit is not None
    assert old.measured is not None
    assert old.limit is not None
    beyond, before = abs(finding.measured - finding.limit), abs(old.measured - old.limit)
    return beyond <= _WORSE * before + 1e-4


def _same_place(one: FrameRange | None, other: FrameRange | None) -> bool:
    """Whether the one lies inside the other, give or take two frames; a stretch that has grown is worse."""
    if one is None or other is None:
        return one is other
    return one.start >= other.start - _NEAR_FRAMES and one.stop <= other.stop + _NEAR_FRAMES


def _known(entry: Mapping[str, object]) -> KnownFinding:
    frames, measured, limit = entry["frames"], entry["measured"], entry["limit"]
    assert frames is None or isinstance(frames, list)
    assert measured is None or isinstance(measured, int | float)
    assert limit is None or isinstance(limit, int | float)
    return KnownFinding(
        check=str(entry["check"]),
        severity=Severity(str(entry["severity"])),
        frames=None if frames is None else FrameRange(int(frames[0]), int(frames[1])),
        measured=measured,
        limit=limit,
    )
