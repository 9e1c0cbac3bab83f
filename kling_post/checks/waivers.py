"""Findings that somebody has looked at and answers for, until a day that is written down.

A waived finding stays in the report, as a note that names who waived it, until when and why. A waiver never waives an open question,
and one past its day waives nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from kling_post.errors import ProjectError
from kling_post.vocabulary import Finding, FrameRange, Judgement, Severity

_SEAM = "seam."
"""Before the name of a seam's finding; these are no checks of a file, so no list of checks knows them."""
_KEYS = {"check", "owner", "reason", "expires", "clip", "frames"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One permission."""

    check: str
    owner: str
    reason: str
    expires: date
    """The last day on which it holds."""
    clip: str = "*"
    """File name, with ``*`` and ``?`` for any letters."""
    frames: FrameRange | None = None
    """Findings that lie inside these frames; None for all, also those of the whole clip."""

    def covers(self, clip: str, finding: Finding, today: date) -> bool:
        """Whether it waives this finding today."""
        if finding.check != self.check or today > self.expires or not fnmatchcase(clip, self.clip):
            return False
        if self.frames is None:
            return True
        return finding.frames is not None and self.frames.start <= finding.frames.start and finding.frames.stop <= self.frames.stop


def parse_waivers(data: object, *, known_checks: Sequence[str]) -> tuple[Waiver, ...]:
    """Waivers from a list of mappings, as YAML gives them: ``check``, ``owner``, ``reason``, ``expires``, and ``clip``, ``frames``.

    Raises:
        ProjectError: not such a list; a missing, unknown or wrong entry, named by its place in the list.
    """
    if not isinstance(data, list):
        raise ProjectError("waivers are a list.", remedy="Begin each with '- check: NAME'.")
    return tuple(_parsed(place, entry, known_checks) for place, entry in enumerate(data, start=1))


def waived(judgement: Judgement, waivers: Sequence[Waiver], *, clip: str, today: date) -> Judgement:
    """The judgement with every covered finding turned into a note; ``clip`` is the file's name."""
    return replace(judgement, findings=tuple(_noted(finding, waivers, clip, today) for finding in judgement.findings))


def _noted(finding: Finding, waivers: Sequence[Waiver], clip: str, today: date) -> Finding:
    if finding.severity is Severity.INFO:
        return finding
    waiver = next((each for each in waivers if each.covers(clip, finding, today)), None)
    if waiver is None:
        return finding
    words = f"Waived by {waiver.owner} until {waiver.expires.isoformat()}: {waiver.reason.rstrip('.')}."
    return replace(finding, severity=Severity.INFO, message=f"{finding.message} {words}")


def _parsed(place: int, entry: object, known_checks: Sequence[str]) -> Waiver:
    if not isinstance(entry, Mapping):
        raise ProjectError(f"waiver {place} is not a mapping.")
    unknown = set(entry) - _KEYS
    if unknown:
        raise ProjectError(f"waiver {place} has an unknown key {min(map(str, unknown))!r}.", remedy=f"There are: {_listed(_KEYS)}.")
    texts = {name: entry.get(name) for name in ("check", "owner", "reason")}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise ProjectError(f"waiver {place} says no {name}.", remedy="Every waiver has a check, an owner, a reason and a last day.")
    if texts["check"] not in known_checks and not str(texts["check"]).startswith(_SEAM):
        raise ProjectError(f"waiver {place}: there is no check called {texts['check']!r}.", remedy=f"There are: {_listed(known_checks)}.")
    clip = entry.get("clip", "*")
    if not isinstance(clip, str):
        raise ProjectError(f"waiver {place}: clip takes a file name, not {clip!r}.")
    return Waiver(
        check=str(texts["check"]),
        owner=str(texts["owner"]),
        reason=str(texts["reason"]),
        expires=_day(place, entry.get("expires")),
        clip=clip,
        frames=_range(place, entry.get("frames")),
    )


def _day(place: int, value: object) -> date:
    try:
        # YAML reads a plain 2027-01-31 as a date by itself.
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError as error:
        raise ProjectError(f"waiver {place}: expires takes a day like 2027-01-31, not {value!r}.") from error


def _range(place: int, value: object) -> FrameRange | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(type(each) is int for each in value) and 0 <= value[0] < value[1]:
        return FrameRange(value[0], value[1])
    raise ProjectError(f"waiver {place}: frames takes the first frame and the one behind the last, like [24, 48], not {value!r}.")


def _listed(names: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names))
