"""What formats can say of the corrections that repair a clip, and what they cannot."""

from typing import Any

from kling_post.edit.colour import ColourTransform
from kling_post.edit.timeline import Clip, Timeline


def cdl_of(clip: Clip) -> ColourTransform | None:
    """The clip's colour transform where it is constant and an ASC CDL says all of it; None otherwise."""
    correction = clip.picture_correction
    if correction is None or correction.colour is None or correction.colour_eased_frames or not correction.colour.is_cdl:
        return None
    return correction.colour


def cdl_comments(clip: Clip) -> list[str]:
    """The two comments by which an EDL carries an ASC CDL (ASC-CDL Release 1.2, section on EDLs); none where the clip has none."""
    transform = cdl_of(clip)
    if transform is None:
        return []
    triples = "".join(f"({' '.join(f'{value:.6f}' for value in each)})" for each in (transform.slope, transform.offset, transform.power))
    return [f"* ASC_SOP {triples}", f"* ASC_SAT {transform.saturation:.6f}"]


def cdl_metadata(clip: Clip) -> dict[str, Any]:
    """The same in the words of OpenTimelineIO's own EDL adapter; empty where the clip has none."""
    transform = cdl_of(clip)
    if transform is None:
        return {}
    sop = {"slope": list(transform.slope), "offset": list(transform.offset), "power": list(transform.power)}
    return {"asc_sop": sop, "asc_sat": transform.saturation}


def correction_notes(timeline: Timeline, *, format_name: str, carries_cdl: bool = False) -> tuple[str, ...]:
    """One sentence for each kind of correction that the format does not carry, with the clips."""
    coloured = [clip for clip in timeline.clips if clip.picture_correction is not None and clip.picture_correction.colour is not None]
    lost = [clip.clip_id for clip in coloured if not (carries_cdl and cdl_of(clip) is not None)]
    moved = [clip.clip_id for clip in timeline.clips if clip.picture_correction is not None and clip.picture_correction.reframing]
    refocused = [clip.clip_id for clip in timeline.clips if clip.picture_correction is not None and clip.picture_correction.refocusing]
    grained = [clip.clip_id for clip in timeline.clips if clip.picture_correction is not None and clip.picture_correction.grain]
    mended = [clip.clip_id for clip in timeline.clips if clip.sound_correction is not None]
    table = (
        (lost, "the colour transform of {} is not in it: it lies as .cube, and as .cdl where that says it all, in the folder colour."),
        (moved, "the eased reframing of {} is not in it; the master shows it."),
        (refocused, "the eased sharpening or softening of {} is not in it; the master shows it."),
        (grained, "the grain added to {} is not in it; the master shows it."),
        (mended, "what mends the sound of {} is not in it; the master has it."),
    )
    return tuple(f"{format_name}: {sentence.format(', '.join(clips))}" for clips, sentence in table if clips)
