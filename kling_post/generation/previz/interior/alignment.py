"""How one image lies over another: by matched features and one homography, refined by dense flow where it holds both ways."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.interior.noise import Field, blurred

_WIDTH = 960
_FLOW_WIDTH = 320
_SAME_SHARE = 0.004
"""Corners that move by less than this share of the width were seen from the same place."""
_LEAST_INLIERS, _LEAST_SHARE = 40, 0.25
_AGREES_PIXELS = 2.5
"""How near, at ``_WIDTH``, a matched point must come to count as agreeing."""
_SAME = "Both images were seen from the same place: they are joined in register, and what differs turns bit by bit."
_MOVED = "The images were aligned by {count} matched points: the picture moves from one to the other, and what differs turns bit by bit."
_APART = "The images show no common geometry ({count} matched points agree): an eased dissolve joins them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Where each place of the first image lies in the last one."""

    kind: str
    """``same`` (no motion), ``moved`` or ``apart``."""
    homography: NDArray[np.float64]
    """(3, 3) first to last, in fractions of the width."""
    flow: Field | None
    """(rows, _FLOW_WIDTH, 2) what is left after the homography, in fractions of the width, over the first image."""
    matched: int
    aspect: float

    @property
    def note(self) -> str:
        """One sentence for the report."""
        return {"same": _SAME, "moved": _MOVED, "apart": _APART}[self.kind].format(count=self.matched)

    def views(self, view: Field, share: float) -> tuple[Field, Field]:
        """Source maps into the first and into the last image for a picture that lies ``share`` of the way from one to the other."""
        corners = np.array([(0, 0), (1, 0), (1, self.aspect), (0, self.aspect)], np.float64)
        ends = _applied(self.homography, corners)
        part = cv2.getPerspectiveTransform(corners.astype(np.float32), (corners + (ends - corners) * share).astype(np.float32))
        to_first = _applied(np.linalg.inv(np.asarray(part, np.float64)), view.astype(np.float64))
        to_last = _applied(self.homography, to_first)
        if self.flow is not None:
            columns = self.flow.shape[1]
            place = np.asarray(to_first * columns - 0.5, np.float32)
            shift = np.asarray(
                cv2.remap(self.flow, place[..., 0].copy(), place[..., 1].copy(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            )
            to_first = to_first - share * shift
            to_last = to_last + (1 - share) * shift
        return to_first.astype(np.float32), to_last.astype(np.float32)


def _applied(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = points.reshape(-1, 2) @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray((flat[:, :2] / flat[:, 2:]).reshape(points.shape), np.float64)


def align(first: RgbFrame, last: RgbFrame) -> Alignment:
    """Find how ``last`` lies over ``first`` (both (rows, columns, 3), the same size).

    SIFT features, the ratio test of Lowe (2004), and a homography by MAGSAC++ (Barath et al., 2020); then dense inverse search flow
    (Kroeger et al., 2016) on what is left, kept only where forward and backward agree and only if it brings the pictures nearer.
    """
    aspect = first.shape[0] / first.shape[1]
    grey = [_grey(image, _WIDTH) for image in (first, last)]
    homography, inliers, matched = _homography(grey[0], grey[1])
    corners = np.array([(0, 0), (1, 0), (1, aspect), (0, aspect)], np.float64)
    nothing = np.eye(3)
    if inliers < _LEAST_INLIERS or inliers < _LEAST_SHARE * matched or not _sane(homography, corners):
        same = _register(grey[0], grey[1])
        return Alignment(kind="same" if same else "apart", homography=nothing, flow=None, matched=inliers, aspect=aspect)
    travel = float(np.abs(_applied(homography, corners) - corners).max())
    if travel < _SAME_SHARE:
        return Alignment(kind="same", homography=nothing, flow=None, matched=inliers, aspect=aspect)
    flow = _residual(first, last, homography, aspect)
    return Alignment(kind="moved", homography=homography, flow=flow, matched=inliers, aspect=aspect)


def _grey(image: RgbFrame, width: int) -> NDArray[np.uint8]:
    height = max(2, round(image.shape[0] * width / image.shape[1]))
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _homography(first: NDArray[np.uint8], last: NDArray[np.uint8]) -> tuple[NDArray[np.float64], int, int]:
    """First to last in fractions of the width, how many matches agree with it, and how many there were."""
    equalised = [cv2.createCLAHE(2.0, (8, 8)).apply(image) for image in (first, last)]
    detector = cv2.SIFT.create(nfeatures=3000)
    (points_a, features_a), (points_b, features_b) = (detector.detectAndCompute(image, None) for image in equalised)
    if len(points_a) < 8 or len(points_b) < 8:  # fewer have no neighbour to compare with
        return np.eye(3), 0, 0
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(features_a, features_b, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance]
    if len(good) < 8:
        return np.eye(3), 0, len(good)
    here = np.array([points_a[match.queryIdx].pt for match in good])
    there = np.array([points_b[match.trainIdx].pt for match in good])
    still = int((np.hypot(*(there - here).T) < _AGREES_PIXELS).sum())
    cv2.setRNGSeed(7)
    answer: tuple[Any, Any] = cv2.findHomography(here, there, cv2.USAC_MAGSAC, _AGREES_PIXELS, maxIters=4000, confidence=0.999)
    found, mask = answer
    agree = 0 if found is None else int(mask.sum())
    if found is None or still > 0.7 * agree:  # the simplest answer that explains about as much
        return np.eye(3), still, len(good)
    pixels = np.diag([first.shape[1], first.shape[1], 1.0])
    return np.asarray(np.linalg.inv(pixels) @ found @ pixels, np.float64), agree, len(good)


def _sane(homography: NDArray[np.float64], corners: NDArray[np.float64]) -> bool:
    """Whether the picture stays a convex, upright picture of about its size."""
    ends = _applied(homography, corners)
    sides = np.roll(ends, -1, axis=0) - ends
    turns = sides[:, 0] * np.roll(sides, -1, axis=0)[:, 1] - sides[:, 1] * np.roll(sides, -1, axis=0)[:, 0]
    whole = (corners.max(axis=0) - corners.min(axis=0)).prod()
    area = 0.5 * abs(float((ends[:, 0] * np.roll(ends[:, 1], -1) - ends[:, 1] * np.roll(ends[:, 0], -1)).sum()))
    return bool((turns > 0).all() and 0.3 < area / whole < 3.0)


def _register(first: NDArray[np.uint8], last: NDArray[np.uint8]) -> bool:
    """Whether two pictures whose features do not match still share their edges in place, as when one is overgrown.

    The edges' correlation at no displacement must be well above that at any displacement of a few per cent.
    """
    edges = []
    for image in (first, last):
        soft = cv2.GaussianBlur(image, (0, 0), 1.5).astype(np.float32)
        size = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
        size = np.minimum(size / (cv2.GaussianBlur(size, (0, 0), 20) + 4), 3).astype(np.float32)
        edges.append(size - size.mean())
    strength = float(np.sqrt((edges[0] ** 2).sum() * (edges[1] ** 2).sum())) or 1.0
    here = float((edges[0] * edges[1]).sum()) / strength
    others = [
        float((edges[0] * np.roll(edges[1], (down, across), (0, 1))).sum()) / strength
        for down in (-24, 0, 24)
        for across in (-32, 0, 32)
        if down or across
    ]
    return here > 0.12 and here > 2.0 * max(others)


def _residual(first: RgbFrame, last: RgbFrame, homography: NDArray[np.float64], aspect: float) -> Field | None:
    """Flow from the first image to the last one after the homography, zero where it cannot be trusted; None where it gains nothing."""
    a, b = _grey(first, _FLOW_WIDTH * 2), _grey(last, _FLOW_WIDTH * 2)
    rows, columns = a.shape
    scale = np.diag([columns, columns, 1.0])
    back = scale @ np.linalg.inv(homography) @ np.linalg.inv(scale)
    flat = np.asarray(cv2.warpPerspective(b, back, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forward = np.asarray(search.calc(a, flat, np.zeros((rows, columns, 2), np.float32)), np.float32)
    backward = np.asarray(search.calc(flat, a, np.zeros((rows, columns, 2), np.float32)), np.float32)
    grid_y, grid_x = np.indices((rows, columns), np.float32)
    returned = np.asarray(cv2.remap(backward, grid_x + forward[..., 0], grid_y + forward[..., 1], cv2.INTER_LINEAR), np.float32)
    trust = blurred(np.exp(-((forward + returned) ** 2).sum(axis=2) / 2.0), 3.0)
    flow = np.asarray(cv2.GaussianBlur(forward * trust[..., None], (0, 0), 4.0), np.float32)
    moved = np.asarray(
        cv2.remap(flat, grid_x + flow[..., 0], grid_y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    if np.abs(moved - a).mean() > 0.9 * np.abs(flat.astype(np.float32) - a).mean():
        return None
    half = np.asarray(cv2.resize(flow, (_FLOW_WIDTH, max(2, round(_FLOW_WIDTH * aspect))), interpolation=cv2.INTER_AREA), np.float32)
    return half / np.float32(columns)
