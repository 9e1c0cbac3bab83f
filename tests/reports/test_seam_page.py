from fractions import Fraction
from pathlib import Path

import numpy as np

from kling_post.calibration.patterns import pan
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.probe import probe
from kling_post.pipeline.files import timeline_of_files
from kling_post.reports.seam_page import write_seam_page
from kling_post.seams.inspect import inspect_seams
from kling_post.vocabulary import JoinKind, Size

SMALL = Size(192, 108)


def clips(folder: Path) -> list[Path]:
    """One pan in three files, each a little brighter than the one before."""
    frames = list(pan(SMALL, 48, np.random.default_rng(2), pixels=1.5))
    paths = []
    for number in range(3):
        paths.append(folder / f"part <{number}>.mp4")
        with FrameWriter(paths[-1], size=SMALL, rate=Fraction(24), quality=EncodeSettings(preset="ultrafast", crf=14)) as writer:
            for frame in frames[16 * number : 16 * number + 16]:
                writer.write(np.clip(frame.astype(np.float32) * (1 + 0.04 * number), 0, 255).astype(np.uint8))
    return paths


def test_the_page_shows_every_join_its_loop_and_the_drift(tmp_path: Path) -> None:
    timeline = timeline_of_files("seams", clips(tmp_path), join=JoinKind.CONTINUE)
    page = write_seam_page(timeline, inspect_seams(timeline), tmp_path / "the joins.html").read_text(encoding="utf-8")
    loops = sorted((tmp_path / "the joins_loops").iterdir())
    assert [(loop.name, probe(loop).frames) for loop in loops] == [("seam_1.mp4", 24), ("seam_2.mp4", 24)]
    assert 'src="the%20joins_loops/seam_2.mp4"' in page
    assert page.count('class="scorecard"') == 2
    assert "Drift along the chain" in page
    # Each loop lies in its join's card, with a still to look at before it plays; the table above leads to the cards.
    assert page.count('poster="data:image/') == 2
    assert page.index('href="#seam-2"') < page.index('id="seam-1"') < page.index("seam_1.mp4") < page.index('id="seam-2"')
    # Names of files are text and never markup.
    assert "part <1>" not in page
