"""A small but complete run to report on, with texts that try to break out of the page."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.probe import probe
from kling_post.reports.material import ExportMaterial, MasterMaterial, ReportMaterial, TakeMaterial
from kling_post.vocabulary import (
    Area,
    Finding,
    FrameRange,
    JoinKind,
    Judgement,
    Loudness,
    LoudnessTarget,
    PlannedShot,
    SeamProperty,
    SeamReport,
    Severity,
    Size,
    Take,
    TakePlan,
    Undetermined,
    VideoTask,
)

HOSTILE = "<script>alert('out')</script> \"quoted\" & \N{RIGHT-TO-LEFT OVERRIDE}reversed " + "x" * 300
FRAMES = 48


@pytest.fixture(scope="session")
def hostile() -> str:
    return HOSTILE


@pytest.fixture(scope="session")
def take_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 frames of 160x90 at 24: a grey ramp that moves, so that every frame is another."""
    path = tmp_path_factory.mktemp("takes") / "take one.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for index in range(FRAMES):
            ramp = (np.arange(160)[None, :] + 2 * index + np.zeros((90, 1))) % 200 + 20
            frame = av.VideoFrame.from_ndarray(np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="session")
def loudness() -> Loudness:
    curve = tuple(-30.0 + 0.5 * tenth for tenth in range(20))
    return Loudness(
        integrated_lufs=-14.02,
        loudness_range_lu=3.1,
        max_momentary_lufs=-10.0,
        max_short_term_lufs=float("-inf"),
        true_peak_dbtp=-1.3,
        sample_peak_dbfs=-1.5,
        sample_rate=48_000,
        channels=2,
        duration_seconds=2.0,
        momentary_lufs=curve,
        short_term_lufs=(float("-inf"), *curve[1:]),
    )


@pytest.fixture(scope="session")
def material(take_file: Path, loudness: Loudness) -> ReportMaterial:
    facts = probe(take_file)
    flicker = Finding(
        check="flicker",
        severity=Severity.FAIL,
        frames=FrameRange(30, 36),
        measured=3.5,
        limit=1.0,
        unit="%",
        message=f"Brightness flickers by 3.5 %. {HOSTILE}",
        code="Netflix 123",
        source="a standard",
        remedy="Take it again.",
        area=Area(left=0.25, top=0.5, right=0.75, bottom=1.0),
    )
    whole = Finding(
        check="request_size",
        severity=Severity.REVIEW,
        frames=None,
        measured=None,
        limit=float("inf"),
        unit="",
        message="The picture is small.",
    )
    task = VideoTask(
        task_uuid="5f1c7f4e-3c0e-4f0a-9d54-000000000001",
        model="klingai:kling-video@3-4k",
        shots=(
            PlannedShot(shot_id="caravan_1", prompt=f"A salt plain. {HOSTILE}", duration_seconds=1),
            PlannedShot(shot_id="caravan_2", prompt="A caravan.", duration_seconds=1),
        ),
        negative_prompt="jitter",
        size=Size(160, 90),
        duration_seconds=2,
        sound=True,
    )
    frames = np.arange(FRAMES, dtype=np.float64)
    item = TakeMaterial(
        take=Take(task=task, backend="previz", path=take_file, facts=facts, cost_usd=Decimal("3.78"), notes=("No depth.",)),
        plan=TakePlan(size=Size(160, 90), duration_seconds=Fraction(2), sound=True, cut_seconds=(Fraction(1),)),
        judgement=Judgement(findings=(whole, flicker), undetermined=(Undetermined(check="resolution", reason="Too soft to tell."),)),
        signals={"luma": {"mean": 100 + np.sin(frames)}, "motion": {"median": np.where(frames == 0, np.nan, 2.0), "p95": frames}},
        loudness=loudness,
        quoted_usd=Decimal("3.78"),
        not_drawn=("a mirror-mask",),
    )

    def clip(name: str, start: int, stop: int) -> Clip:
        return Clip(
            clip_id=name,
            name=name,
            reel="CARAVAN1",
            path=take_file,
            facts=facts,
            source=FrameRange(start, stop),
            record=FrameRange(start, stop),
            join=JoinKind.CUT,
        )

    seam = SeamReport(
        outgoing="caravan_1",
        incoming="caravan_2",
        record_frame=24,
        planned=JoinKind.CUT,
        properties=(
            SeamProperty(name="luma", measured=12.0, limit=float("inf"), unit="%", severity=None),
            SeamProperty(name="stray frames", measured=1, limit=0, unit="frames", severity=Severity.FAIL, message="One frame late."),
        ),
        judgement=Judgement(
            findings=(
                Finding(
                    check="seam.stray_frames",
                    severity=Severity.FAIL,
                    frames=FrameRange(23, 25),
                    measured=1.0,
                    limit=0.0,
                    unit="frames",
                    message="One frame late.",
                ),
            )
        ),
        seen=JoinKind.CUT,
    )
    return ReportMaterial(
        project_name=f"Caravan {HOSTILE}",
        timeline=Timeline(
            name="caravan",
            rate=Fraction(24),
            size=Size(160, 90),
            start_frame=86_400,
            clips=(clip("caravan_1", 0, 24), clip("caravan_2", 24, 48)),
        ),
        takes=(item,),
        seams=(seam,),
        target=LoudnessTarget(name="streaming", integrated_lufs=-14, tolerance_lu=0.5, true_peak_dbtp=-1),
        master=MasterMaterial(facts=facts, loudness=loudness, loudness_before=loudness, gain_db=1.25, notes=("All copied.",)),
        exports=(ExportMaterial(title="EDL", path=take_file.with_name("caravan.edl"), sha256="ab" * 32, notes=("No markers.",)),),
        backend_title="Previz (procedural, no AI)",
        budget_usd=Decimal(20),
        timings_seconds={"generate": 1.234},
        versions={"kling-post": "0.1.0"},
        created=datetime(2026, 11, 22, 19, 0, tzinfo=UTC),
    )
