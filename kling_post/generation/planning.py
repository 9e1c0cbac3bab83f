"""How an editor's shots become orders where they do not fit one to one: long shots as chains, long lists of prompts in few orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kling_post.generation.models import VideoModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Which prompts of a list go into which order."""

    groups: tuple[tuple[int, ...], ...]
    """Indices of the list, in its order."""
    why: str
    """One sentence for the plan."""


def split_seconds(seconds: int, model: VideoModel) -> tuple[int, ...]:
    """A length as the fewest lengths that the model takes, as even as whole seconds allow, the longer ones first.

    >>> from kling_post.generation.models import MODELS
    >>> split_seconds(40, MODELS["klingai:kling-video@3-4k"])
    (14, 13, 13)
    """
    count = -(-seconds // model.longest_seconds)
    short, longer = divmod(seconds, count)
    return tuple(short + 1 if index < longer else short for index in range(count))


def pack_prompts(durations: Sequence[int], model: VideoModel) -> Packing | None:
    """A list of shot lengths in the fewest orders; among those the most even ones. None where it cannot be done.

    Shots of one order are drawn in one go and keep their subjects, so few orders are better; a second costs the same in each.
    An order holds up to ``most_shots`` shots and lasts ``shortest_seconds`` to ``longest_seconds``. Found by dynamic
    programming over the ends of the groups.
    """
    best: list[tuple[int, int, tuple[int, ...]] | None] = [(0, 0, (0,))] + [None] * len(durations)
    for end in range(1, len(durations) + 1):
        for start in range(max(0, end - model.most_shots), end):
            before, seconds = best[start], sum(durations[start:end])
            if before is None or not model.shortest_seconds <= seconds <= model.longest_seconds:
                continue
            candidate = (before[0] + 1, before[1] + seconds**2, (*before[2], end))
            known = best[end]
            if known is None or candidate[:2] < known[:2]:
                best[end] = candidate
    found = best[len(durations)]
    if found is None:
        return None
    groups = tuple(tuple(range(start, stop)) for start, stop in pairwise(found[2]))
    lengths = " + ".join(str(sum(durations[index] for index in group)) for group in groups)
    why = (
        f"{len(durations)} prompts in {len(groups)} order(s) of {lengths} s: an order holds {model.most_shots} shots and"
        f" {model.longest_seconds} s; fewer orders keep subjects the same, and a second costs the same in each."
    )
    return Packing(groups=groups, why=why)
