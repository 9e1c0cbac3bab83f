"""From stored pictures to RGB that people see, with the right matrix, range and chroma position."""

from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from kling_post.errors import MediaError
from kling_post.media import color
from kling_post.media.container import MAX_PIXELS
from kling_post.media.first_picture import display_rotation
from kling_post.media.frames import Plane
from kling_post.media.planes import planes


def frame_to_rgb(frame: VideoFrame, *, width: int | None = None) -> NDArray[np.uint8]:
    """A decoded picture as upright RGB (rows, columns, 3), 0 to 255; ``width`` is the displayed width to scale down to."""
    rotation = display_rotation(frame)
    if frame.format.is_rgb:
        stored = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
        rgb = _scaled_rgb(stored, width, turned=rotation in {90, 270})
    else:
        depth, luma, blue, red = planes(frame)
        full = frame.color_range == 2 or frame.format.name.startswith("yuvj")
        matrix = color.MATRICES.get(int(frame.colorspace), color.UNSPECIFIED)
        weights = color.luma_weights(matrix, height=frame.height)
        rgb = ycbcr_to_rgb(luma, blue, red, bit_depth=depth, full_range=full, weights=weights, size=_size(frame, width, rotation))
    return np.ascontiguousarray(np.rot90(rgb, k=-(rotation // 90))) if rotation else rgb


def ycbcr_to_rgb(
    luma: Plane,
    chroma_blue: Plane | None,
    chroma_red: Plane | None,
    *,
    bit_depth: int,
    full_range: bool,
    weights: tuple[float, float],
    size: tuple[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Planar YCbCr 4:2:0 to 8-bit RGB (rows, columns, 3), by ITU-R BT.709-6 section 3 with the given weights of red and blue.

    Chroma sits where MPEG-2 and H.264 put it unless told otherwise: on the left luma column, between two rows. ``size``
    (columns, rows) scales the planes down first, by area.
    """
    columns, rows = size or (luma.shape[1], luma.shape[0])
    scale = float(1 << (bit_depth - 8))
    y = _plane(luma, (columns, rows), None)
    offset, span = (0.0, 255 * scale + scale - 1) if full_range else (16 * scale, 219 * scale)
    y = (y - np.float32(offset)) * np.float32(1 / span)
    if chroma_blue is None or chroma_red is None:
        return _to_codes(cv2.merge([y, y, y]))
    chroma_span = 255 * scale + scale - 1 if full_range else 224 * scale
    b, r = (
        (_plane(plane, (columns, rows), luma.shape) - np.float32(128 * scale)) * np.float32(1 / chroma_span)
        for plane in (chroma_blue, chroma_red)
    )
    red_weight, blue_weight = weights
    green_weight = 1 - red_weight - blue_weight
    red_gain, blue_gain = 2 * (1 - red_weight), 2 * (1 - blue_weight)
    to_rgb = np.array(
        [[1, 0, red_gain], [1, -blue_gain * blue_weight / green_weight, -red_gain * red_weight / green_weight], [1, blue_gain, 0]],
        np.float32,
    )
    return _to_codes(cv2.transform(cv2.merge([y, b, r]), to_rgb))


def read_rgb_file(path: Path) -> NDArray[np.uint8]:
    """A still image as upright RGB (rows, columns, 3), 0 to 255.

    Raises:
        MediaError: missing, too large to be true, or not an image that can be read.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if not path.is_file():
        raise MediaError("there is no such image file.", path=path)
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise MediaError(f"claims {image.width}x{image.height} pixels, more than this package reads.", path=path)
            upright = ImageOps.exif_transpose(image)
            return np.array(upright.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MediaError("not an image that can be read.", path=path, remedy="Bring a PNG, JPEG or WebP file.") from error


def _size(frame: VideoFrame, width: int | None, rotation: int) -> tuple[int, int] | None:
    """Columns and rows of the stored picture that become ``width`` columns once it is turned upright; None for as stored."""
    displayed = frame.height if rotation in {90, 270} else frame.width
    if width is None or width >= displayed:
        return None
    scale = width / displayed
    other = max(1, round((frame.width if rotation in {90, 270} else frame.height) * scale))
    return (other, width) if rotation in {90, 270} else (width, other)


def _scaled_rgb(rgb: NDArray[np.uint8], width: int | None, *, turned: bool) -> NDArray[np.uint8]:
    displayed = rgb.shape[0] if turned else rgb.shape[1]
    if width is None or width >= displayed:
        return rgb
    scale = width / displayed
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _plane(plane: Plane, size: tuple[int, int], luma_shape: tuple[int, ...] | None) -> NDArray[np.float32]:
    """A plane as float32 at ``size``; chroma (``luma_shape`` given) is moved to where the luma samples are."""
    if (plane.shape[1], plane.shape[0]) == size:
        return plane.astype(np.float32)
    if luma_shape is None or size[0] < plane.shape[1]:
        return cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)
    across, down = luma_shape[1] / size[0], luma_shape[0] / size[1]
    # Luma column x lies over chroma column x/2; luma row y over chroma row (y - 1/2)/2.
    mapping = np.array([[across / 2, 0, (across - 1) / 4], [0, down / 2, (down - 1) / 4 - 0.25]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(plane.astype(np.float32), mapping, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return warped.astype(np.float32, copy=False)


def _to_codes(rgb: cv2.typing.MatLike) -> NDArray[np.uint8]:
    # convertScaleAbs would fold negatives over; saturate by clipping first, then round half to even as the codec's writers do.
    return cv2.convertScaleAbs(np.clip(rgb, 0, 1), alpha=255).astype(np.uint8, copy=False)
