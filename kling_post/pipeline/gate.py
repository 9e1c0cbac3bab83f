"""What stands between findings and a verdict: a profile, waivers and a baseline, read from their files."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from kling_post.checks.baseline import Baseline, against, parse_baseline
from kling_post.checks.profiles import DELIVERY, Profile, profile
from kling_post.checks.registry import all_checks
from kling_post.checks.waivers import Waiver, parse_waivers, waived
from kling_post.errors import ProjectError
from kling_post.vocabulary import Judgement


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

    def lapsed(self) -> tuple[Waiver, ...]:
        """Waivers past their last day."""
        return tuple(waiver for waiver in self.waivers if self.today > waiver.expires)


def open_gate(profile_name: str = "delivery", *, waivers: Path | None = None, baseline: Path | None = None) -> Gate:
    """A gate from a profile's name and files.

    Raises:
        UsageError: no profile of that name.
        ProjectError: a file that is missing or says something else than it should.
    """
    return Gate(
        profile=profile(profile_name),
        waivers=() if waivers is None else _waivers(waivers),
        baseline={} if baseline is None else _baseline(baseline),
    )


def _waivers(path: Path) -> tuple[Waiver, ...]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe").load(_text(path))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProjectError("is not YAML.", path=path, line=mark.line + 1 if mark else None) from error
    try:
        return parse_waivers([] if data is None else data, known_checks=tuple(all_checks()))
    except ProjectError as error:
        raise ProjectError(error.message, path=path, remedy=error.remedy) from error


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
