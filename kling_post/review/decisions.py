"""What a review comes to for the edit: the take of each shot, the ones that may not be used, trims, takes to be made besides.

Decisions lie in the run's folder and hold for every later run there, until the next review is applied.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kling_post.errors import InvalidInputError
from kling_post.review.ranking import RankedShot
from kling_post.review.session import ReviewSession, ReviewShot
from kling_post.review.verdicts import Verdicts
from kling_post.whole_files import write_whole

_SCHEMA = "kling-post decisions 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotDecision:
    """What was decided about the takes of one shot. Takes are named by the first sixteen digits of their SHA-256."""

    take: str | None = None
    """The one to use; None leaves it to the checks, among those that may be used."""
    rejected: tuple[str, ...] = ()
    """Never used."""
    weak: tuple[str, ...] = ()
    """Need work: used only where there is no other."""
    trims: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By take, its frames that are used: from the first up to, not with, the second."""
    more_takes: tuple[int, ...] = ()
    """Numbers of takes that belong to the run, whether the shot list asks for them or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retake:
    """A take that is to be made."""

    shot_id: str
    number: int
    why: str


def decisions_path(folder: Path) -> Path:
    """Where the decisions of a run lie."""
    return folder / "review" / "decisions.json"


def decide(
    session: ReviewSession,
    verdicts: Verdicts,
    ranking: Mapping[str, RankedShot],
    before: Mapping[str, ShotDecision],
    *,
    retakes: bool = True,
) -> tuple[dict[str, ShotDecision], tuple[Retake, ...]]:
    """The decisions that follow from the verdicts, and the takes to be made for them.

    A shot is made once more where a reviewer asked for it, and where it has no take that is approved or still undecided.

    Args:
        session: The run as it was reviewed.
        verdicts: What was said.
        ranking: The takes in order.
        before: The decisions that hold now: a take that was ordered for them and has not come yet is not ordered again.
        retakes: Whether takes may be ordered at all.
    """
    decided: dict[str, ShotDecision] = {}
    wanted: list[Retake] = []
    for shot in session.shots:
        # All that were reviewed stay, also where the run was asked for more takes than the shot list.
        more = tuple(sorted(take.number for take in shot.takes))
        why = _why_again(shot, verdicts) if retakes else ""
        if why:
            # A take that was ordered for this before, and is not here yet, is the one: applying twice buys once.
            ordered = [number for number in before.get(shot.shot_id, ShotDecision()).more_takes if number > max(more)]
            number = max(ordered, default=max(more) + 1)
            more = (*more, number)
            wanted.append(Retake(shot_id=shot.shot_id, number=number, why=why))
        decided[shot.shot_id] = _decision(shot, verdicts, ranking[shot.shot_id], more)
    return decided, tuple(wanted)


def _decision(shot: ReviewShot, verdicts: Verdicts, ranked: RankedShot, more: tuple[int, ...]) -> ShotDecision:
    said = {take.take_id: verdicts.of_take.get(take.take_id, "") for take in shot.takes}
    chosen = verdicts.chosen.get(shot.shot_id)
    usable = [one.take_id for one in ranked.takes if said[one.take_id] in {"approved", ""}]
    take = chosen if chosen in said and said[chosen] != "rejected" else next(iter(usable), None)
    return ShotDecision(
        take=take,
        rejected=tuple(take_id for take_id, word in said.items() if word == "rejected"),
        weak=tuple(take_id for take_id, word in said.items() if word == "needs_work"),
        trims={take_id: verdicts.trims[take_id] for take_id in said if take_id in verdicts.trims},
        more_takes=more,
    )


def _why_again(shot: ReviewShot, verdicts: Verdicts) -> str:
    """Why a shot is to be made once more; empty where it is not."""
    words = [verdicts.of_take.get(take.take_id, "") for take in shot.takes]
    if all(word == "rejected" for word in words):
        return "every take is rejected"
    if all(word in {"rejected", "needs_work"} for word in words):
        return "no take is left that needs no work"
    # The wish is met once there is a take that was not there when it was said.
    return "a reviewer asked for it" if verdicts.retakes.get(shot.shot_id, -1) >= len(shot.takes) else ""


def write_decisions(folder: Path, decisions: Mapping[str, ShotDecision]) -> None:
    """Let decisions hold for every later run in a folder."""
    shots = {
        shot_id: {
            "take": one.take,
            "rejected": list(one.rejected),
            "weak": list(one.weak),
            "trims": {take: list(trim) for take, trim in one.trims.items()},
            "more_takes": list(one.more_takes),
        }
        for shot_id, one in decisions.items()
    }
    write_whole(decisions_path(folder), json.dumps({"schema": _SCHEMA, "shots": shots}, indent=2) + "\n")


def read_decisions(folder: Path) -> dict[str, ShotDecision]:
    """The decisions that hold in a run's folder; none where no review was applied.

    Raises:
        InvalidInputError: the file is damaged, or of another version.
    """
    path = decisions_path(folder)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        shots: dict[str, dict[str, Any]] = {_SCHEMA: data["shots"]}[data["schema"]]
        return {
            str(shot_id): ShotDecision(
                take=one["take"],
                rejected=tuple(one["rejected"]),
                weak=tuple(one["weak"]),
                trims={take: (int(trim[0]), int(trim[1])) for take, trim in one["trims"].items()},
                more_takes=tuple(map(int, one["more_takes"])),
            )
            for shot_id, one in shots.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise InvalidInputError(f"{path}: cannot be read as decisions.", remedy="Apply the review again, or remove the file.") from error
