"""The colour corrections of an edit for grading systems: an ASC CDL for each clip where that says it all, and a cube for each.

``.cdl`` is ASC CDL v1.2 XML (ASC-CDL Release 1.2, 2009); ``.cube`` is the 3D form of the Cube LUT Specification 1.0 (Adobe, 2013), 33
steps a side, red running fastest. Both work on R'G'B' as shown, 0 black and 1 white, which is what a grading system hands them when the
take is read as BT.709 video levels.
"""

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from kling_post.edit.colour import ColourTransform
from kling_post.edit.timeline import Clip, Timeline
from kling_post.whole_files import write_whole

CUBE_SIZE: Final = 33
_NAMESPACE: Final = "urn:ASC:CDL:v1.2"


def write_colour_files(timeline: Timeline, folder: Path) -> tuple[Path, ...]:
    """Write ``<clip>.cdl`` and ``<clip>.cube`` for every clip with a colour transform; nothing where there is none.

    Raises:
        OSError: the folder cannot be written to.
    """
    written = []
    for clip in timeline.clips:
        transform = clip.picture_correction.colour if clip.picture_correction else None
        if transform is None:
            continue
        name = re.sub(r"[^\w.-]+", "_", clip.clip_id)
        cube = folder / f"{name}.cube"
        write_whole(cube, cube_text(transform, title=clip.clip_id))
        written.append(cube)
        if transform.is_cdl:
            cdl = folder / f"{name}.cdl"
            write_whole(cdl, cdl_text(clip, transform))
            written.append(cdl)
    return tuple(written)


def cube_text(transform: ColourTransform, *, title: str, size: int = CUBE_SIZE) -> str:
    """A ``.cube`` file's text."""
    plain = title.encode("ascii", "replace").decode("ascii").replace('"', "'")
    rows = "\n".join(f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in transform.cube(size))
    return f'TITLE "{plain}"\nLUT_3D_SIZE {size}\nDOMAIN_MIN 0.0 0.0 0.0\nDOMAIN_MAX 1.0 1.0 1.0\n{rows}\n'


def cdl_text(clip: Clip, transform: ColourTransform) -> str:
    """An ASC colour decision list's text, with one decision.

    Raises:
        ValueError: the transform has a matrix, which a CDL has no place for.
    """
    if not transform.is_cdl:
        raise ValueError(f"{clip.clip_id}: an ASC CDL has no place for a matrix")
    root = ET.Element("ColorDecisionList", xmlns=_NAMESPACE)
    decision = ET.SubElement(root, "ColorDecision")
    ET.SubElement(decision, "MediaRef", ref=clip.path.as_uri() if clip.path.is_absolute() else clip.path.as_posix())
    correction = ET.SubElement(decision, "ColorCorrection", id=clip.clip_id)
    sop = ET.SubElement(correction, "SOPNode")
    for name, values in (("Slope", transform.slope), ("Offset", transform.offset), ("Power", transform.power)):
        ET.SubElement(sop, name).text = " ".join(f"{value:.6f}" for value in values)
    saturation = ET.SubElement(correction, "SatNode")
    ET.SubElement(saturation, "Saturation").text = f"{transform.saturation:.6f}"
    ET.indent(root, space="  ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
