"""The front door of this room: what could mend the joins of an edit, with the numbers that each proposal is foretold to give."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kling_post.edit.timeline import Timeline
from kling_post.progress import SILENT, Progress
from kling_post.repair.apply import apply_repairs
from kling_post.repair.join import Declined
from kling_post.repair.propose_picture import propose_picture
from kling_post.repair.propose_sound import propose_sound
from kling_post.repair.propose_tone import propose_tone
from kling_post.repair.repairs import Key, Repair, TrimHead, TrimTail
from kling_post.vocabulary import SeamReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """What could be done, in the order in which it must be done, and what could not."""

    repairs: tuple[Repair, ...] = ()
    declined: tuple[Declined, ...] = ()


def propose(reports: Sequence[SeamReport], timeline: Timeline, *, withheld: Collection[Key] = (), progress: Progress = SILENT) -> Proposals:
    """Propose repairs for every join and every clip's sound, in the order in which they must be made.

    Args:
        reports: What the seams' room found, one for each join, in order.
        timeline: The edit that they are about, no repairs made.
        withheld: Keys of repairs that have been tried and found wanting.
        progress: Told of every join.

    Raises:
        MediaError: a take is missing or cannot be decoded there.
    """
    picture, declined = propose_picture(reports, timeline, withheld=withheld, progress=progress)
    trims = tuple(repair for repair in picture if isinstance(repair, TrimHead | TrimTail))
    others = tuple(repair for repair in picture if repair not in trims)
    sound = propose_sound(reports, apply_repairs(timeline, trims), withheld=withheld)
    tone, no_tone = propose_tone(reports, apply_repairs(timeline, (*trims, *sound)), withheld=withheld)
    return Proposals(repairs=(*trims, *others, *sound, *tone), declined=(*declined, *no_tone))
