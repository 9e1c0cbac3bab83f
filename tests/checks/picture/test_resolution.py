"""Enlarged pictures are told from native ones where the evidence is there, and nothing is claimed where it is not."""

from fractions import Fraction
from functools import cache
from io import BytesIO
from typing import Any

import av
import cv2
import numpy as np
import pytest

from kling_post.checks.check import Subject
from kling_post.media.frames import FrameView
from kling_post.signals.picture.spectrum import SIGNAL
from kling_post.vocabulary import Finding, Severity, Size, TakePlan

ROWS, COLUMNS = 544, 960
SCALERS = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}


@cache
def texture(slope: float) -> Any:
    """A picture whose amplitudes fall with the frequency to this power."""
    random = np.random.default_rng(1)
    down, across = np.fft.fftfreq(ROWS)[:, None], np.fft.rfftfreq(COLUMNS)[None]
    distance = np.hypot(down, across)
    distance[0, 0] = 1
    spectrum = (random.normal(size=distance.shape) + 1j * random.normal(size=distance.shape)) / distance**slope
    spectrum[0, 0] = 0
    picture = np.fft.irfft2(spectrum, (ROWS, COLUMNS))
    return np.clip(110 + picture / picture.std() * 35, 16, 235)


def enlarged(picture: Any, scaler: str, times: float = 2) -> Any:
    smaller = cv2.resize(picture, (round(COLUMNS / times), round(ROWS / times)), interpolation=cv2.INTER_AREA)
    return cv2.resize(smaller, (COLUMNS, ROWS), interpolation=SCALERS[scaler])


def coded(picture: Any, crf: int) -> Any:
    """Luma after H.264 at a constant rate factor."""
    luma = np.clip(np.round(picture), 0, 255).astype(np.uint8)
    target = BytesIO()
    with av.open(target, "w", format="mp4") as movie:
        stream = movie.add_stream("libx264", rate=24, options={"crf": str(crf), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = COLUMNS, ROWS, "yuv420p"
        grey = np.full((ROWS // 2, COLUMNS), 128, np.uint8)
        movie.mux(stream.encode(av.VideoFrame.from_ndarray(np.vstack([luma, grey]), format="yuv420p")))
        movie.mux(stream.encode(None))
    target.seek(0)
    with av.open(target, "r") as movie:
        return next(movie.decode(video=0)).to_ndarray()[:ROWS]


def severities(make: Any, picture: Any) -> list[Severity]:
    """What the check says of one picture, asked as if it were large."""
    return [finding.severity for finding in findings(make, picture)]


def findings(make: Any, picture: Any, plan: TakePlan | None = None) -> tuple[Finding, ...]:
    luma = np.clip(np.round(picture), 0, 255).astype(np.uint8)
    facts = make.facts(1, size=Size(COLUMNS, ROWS))
    collector = SIGNAL.collector(facts)
    collector.add(FrameView(index=0, seconds=Fraction(0), bit_depth=8, luma=luma, chroma_blue=None, chroma_red=None), None)
    subject = Subject(facts=facts, plan=plan or TakePlan(), signals={"spectrum": collector.finish()}, loudness=None)
    return tuple(make.ask("resolution", subject, least_width=COLUMNS).findings)


@pytest.mark.parametrize("crf", [18, 23, 28])
@pytest.mark.parametrize("scaler", ["bicubic", "lanczos"])
def test_detailed_pictures_that_were_enlarged_are_for_review(make: Any, scaler: str, crf: int) -> None:
    assert severities(make, coded(enlarged(texture(1.0), scaler), crf)) == [Severity.REVIEW]


def test_of_the_previz_own_drawing_nothing_is_claimed(make: Any) -> None:
    (finding,) = findings(make, coded(enlarged(texture(1.0), "bicubic"), 18), TakePlan(drawn=True))
    assert finding.severity is Severity.INFO
    assert finding.message.endswith("is drawn, and drawings do not follow the law of natural pictures.")


@pytest.mark.parametrize("crf", [14, 18])
@pytest.mark.parametrize("scaler", list(SCALERS))
@pytest.mark.parametrize("times", [1.5, 3])
def test_three_halves_and_threefold_leave_a_period_of_three(make: Any, times: float, scaler: str, crf: int) -> None:
    (finding,) = findings(make, coded(enlarged(texture(1.0), scaler, times), crf))
    assert (finding.severity, finding.unit) == (Severity.REVIEW, "times chance")
    assert "from about 640x363 or 320x181" in finding.message


def test_a_period_of_three_along_one_axis_is_a_fence_and_no_enlargement(make: Any) -> None:
    picture = texture(1.0).copy()
    picture[:, ::3] = 40
    assert Severity.REVIEW not in severities(make, picture)


def test_enlarged_and_sharpened_pictures_are_for_review(make: Any) -> None:
    picture = enlarged(texture(1.0), "lanczos")
    sharpened = 1.6 * picture - 0.6 * cv2.GaussianBlur(picture, (0, 0), 1.5)
    assert severities(make, coded(sharpened, 18)) == [Severity.REVIEW]


@pytest.mark.parametrize("crf", [18, 23, 28])
def test_native_pictures_pass(make: Any, crf: int) -> None:
    assert severities(make, coded(texture(1.0), crf)) == []


def test_softer_native_pictures_pass_at_a_good_bit_rate(make: Any) -> None:
    assert severities(make, coded(texture(1.4), 14)) == []


@pytest.mark.parametrize("crf", [14, 18, 23, 28])
@pytest.mark.parametrize("slope", [1.0, 1.4, 1.8])
def test_no_native_picture_is_ever_called_enlarged(make: Any, slope: float, crf: int) -> None:
    for blur in (0.0, 1.2, 4.0):
        picture = cv2.GaussianBlur(texture(slope), (0, 0), blur) if blur else texture(slope)
        assert Severity.REVIEW not in severities(make, coded(picture, crf))


@pytest.mark.parametrize("slope", [1.4, 1.8])
def test_an_out_of_focus_picture_cannot_be_told(make: Any, slope: float) -> None:
    assert severities(make, coded(cv2.GaussianBlur(texture(slope), (0, 0), 2.0), 23)) == [Severity.INFO]


def test_a_flat_picture_cannot_be_told(make: Any) -> None:
    assert severities(make, np.full((ROWS, COLUMNS), 110.0)) == [Severity.INFO]


def test_small_pictures_are_not_asked(make: Any) -> None:
    subject = make.clip(pictures=make.pan(3, 0.0)).subject()
    assert make.ask("resolution", subject).findings == ()
