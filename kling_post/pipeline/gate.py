"""What stands between findings and a verdict: a profile, waivers and a baseline, read from their files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from kling_post.checks.baseline import Baseline, against, parse_baseline
from kling_post.checks.judge import limits_with
from kling_post.checks.profiles import DELIVERY, Profile, profile
from kling_post.checks.registry import all_checks
from kling_post.checks.waivers import Waiver, parse_waivers, waived
from kling_post.errors import ProjectError
from kling_post.vocabulary import Judgement, SeamReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """How findings are weighed."""

    profile: Profile = DELIVERY
    waivers: Sequence[Waiver] = ()
    baseline: Baseline = field(default_factory=dict)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    def weighed(self, judgement: Judgement, path: Path) -> Judgement:
        """The judgement of a file as this gate sees it: by the profile, then less what is waived, then less what was known."""
        seen = self.profile.weighed(judgement)
        seen = waived(seen, self.waivers, clip=path.name, today=self.today)
        return against(seen, self.baseline.get(path.name, ()))

    def weighed_seam(self, seam: SeamReport) -> SeamReport:
        """A join less what is waived of it; waivers call it ``outgoing to incoming``."""
        subject = f"{seam.outgoing} to {seam.incoming}"
        return replace(seam, judgement=waived(seam.judgement, self.waivers, clip=subject, today=self.today))

    def lapsed(self) -> tuple[Waiver, ...]:
        """Waivers past their last day."""
        return tuple(waiver for waiver in self.waivers if self.today > waiver.expires)


def open_gate(
    profile_name: str = "delivery",
    *,
    waivers: Path | None = None,
    review_waivers: Path | None = None,
    baseline: Path | None = None,
    limits: Path | None = None,
) -> Gate:
    """A gate from a profile's name and files.

    Args:
        profile_name: ``strict``, ``delivery`` or ``draft``.
        waivers: YAML list of findings that somebody answers for.
        review_waivers: The same from a review page, beside the project's own.
        baseline: JSON that an earlier check printed.
        limits: YAML mapping of check to limit to value; they stand above the profile's.

    Raises:
        UsageError: no profile of that name.
        ProjectError: a file that is missing or says something else than it should.
    """
    chosen = profile(profile_name)
    return Gate(
        profile=chosen if limits is None else replace(chosen, limits=_limits(limits, chosen.limits)),
        waivers=tuple(waiver for path in (waivers, review_waivers) if path is not None for waiver in _waivers(path)),
        baseline={} if baseline is None else _baseline(baseline),
    )


def _limits(path: Path, below: Mapping[str, Mapping[str, object]]) -> Mapping[str, Mapping[str, object]]:
    """Limits from a file on top of others, each known and of the right kind."""
    data = _yaml(path)
    given = data.get("limits", data) if isinstance(data, dict) else data
    if not isinstance(given, dict) or not all(isinstance(values, dict) for values in given.values()):
        raise ProjectError("is not a mapping of checks to their limits.", path=path, remedy="Write: flicker: {review_percent: 0.8}.")
    limits = {name: {**below.get(name, {}), **given.get(name, {})} for name in {**below, **given}}
    try:
        limits_with(limits)
    except ProjectError as error:
        raise ProjectError(error.message, path=path, remedy=error.remedy) from error
    return limits


def _waivers(path: Path) -> tuple[Waiver, ...]:
    data = _yaml(path)
    try:
        return parse_waivers([] if data is None else data, known_checks=tuple(all_checks()))
    except ProjectError as error:
        raise ProjectError(error.message, path=path, remedy=error.remedy) from error


def _yaml(path: Path) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe").load(_text(path))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProjectError("is not YAML.", path=path, line=mark.line + 1 if mark else None) from error


def _baseline(path: Path) -> Baseline:
    try:
        return parse_baseline(json.loads(_text(path)))
    except json.JSONDecodeError as error:
        raise ProjectError("is not JSON.", path=path, line=error.lineno) from error
    except ProjectError as error:
        raise ProjectError(error.message, path=path, remedy=error.remedy) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError("cannot be read as text.", path=path) from error
