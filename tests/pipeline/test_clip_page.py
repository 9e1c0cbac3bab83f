"""A page about clips that belong to no project."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from kling_post.media.encode import FrameWriter
from kling_post.pipeline.clip_page import write_clip_page
from kling_post.pipeline.examine import examine
from kling_post.vocabulary import Size, TakePlan


def test_the_page_names_the_clip_and_speaks_of_no_edit_and_no_money(tmp_path: Path) -> None:
    clip = tmp_path / "harbour at dusk.mp4"
    texture = np.random.default_rng(7).integers(60, 200, (90, 160, 3), dtype=np.uint8)
    with FrameWriter(clip, size=Size(160, 90), rate=Fraction(24)) as writer:
        for shift in range(6):
            writer.write(np.roll(texture, shift, 1))
    page = write_clip_page([examine(clip, TakePlan())], tmp_path / "page.html")
    text = page.read_text(encoding="utf-8")
    assert "harbour at dusk.mp4" in text
    assert 'id="edit"' not in text
    assert " USD" not in text
    assert "data:image/" in text
