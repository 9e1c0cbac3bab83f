"""Which repairs of a clip's own sound stand after the clip has been measured again in the finished programme.

Channels, constants and missing ends are no property of a join, so the joins' scorecards do not see them: the clip's stretch of the
finished sound is looked through for the very fault that was to be mended.
"""

from collections.abc import Sequence

from kling_post.edit.mix import clip_sound
from kling_post.edit.timeline import Timeline
from kling_post.repair.outcome import Outcome, State
from kling_post.repair.propose_sound import faults_of_clip
from kling_post.repair.repairs import Repair
from kling_post.repair.sound_repairs import FillTone, FixChannels, RemoveDc

_LEFT = 0.5
"""A figure that has not come down to this share of what it was has not been mended."""


def sound_taken_back(repairs: Sequence[Repair], finished: Timeline) -> tuple[Outcome, ...]:
    """The repairs of clips in which the same fault is found again.

    Args:
        repairs: Those that were made.
        finished: The finished file as an edit of its own stretches.

    Raises:
        MediaError: the finished sound cannot be read.
    """
    clips = {clip.clip_id: clip for clip in finished.clips if clip.facts.audio is not None}
    found = []
    for repair in repairs:
        clip = clips.get(repair.clip_id)
        if clip is None or not isinstance(repair, FixChannels | RemoveDc | FillTone):
            continue
        for again in faults_of_clip(clip, clip_sound(clip, finished), finished.sample_rate):
            if type(again) is type(repair) and not _better(again, repair):
                note = f"Measured in the finished programme, it is still there: {again.reason}"
                found.append(Outcome(repair=repair, state=State.WITHDRAWN, note=note))
    return tuple(found)


def _better(again: Repair, repair: Repair) -> bool:
    """Whether the figure that was foretold to vanish is at least much smaller."""
    return any(now.before <= _LEFT * then.before for now, then in zip(again.predictions, repair.predictions, strict=False))
