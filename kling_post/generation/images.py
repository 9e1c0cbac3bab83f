"""Frame images of a request: what kind of value each is, and what a local one is. Only headers are read, no pixels."""

import base64
import binascii
import hashlib
import io
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kling_post.errors import RequestError
from kling_post.vocabulary import Size

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""The image files that the provider takes."""

_MIME_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{64,}={0,2}\s*")


class ImageKind(StrEnum):
    """How an image is given."""

    URL = "url"
    DATA = "data"
    """A data URI, or bare base64."""
    UUID = "uuid"
    """Uploaded to the provider, or made there."""
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """A local image, from its header."""

    path: Path
    size: Size
    mime_type: str
    sha256: str
    bytes: int


def image_kind(value: str) -> ImageKind:
    """How an image value of the wire is given; what is none of the others is a local path."""
    if value.startswith(("http://", "https://")):
        return ImageKind.URL
    if value.startswith("data:") or (len(value) > 255 and _BASE64.fullmatch(value)):
        return ImageKind.DATA
    return ImageKind.UUID if _UUID.fullmatch(value) else ImageKind.FILE


def local_image(value: str, *, folder: Path | None, parameter: str) -> ImageFacts:
    """A local frame image, looked for beside the request, with its size and content hash.

    Raises:
        RequestError: it is not there, or it is not a PNG, JPEG or WebP image.
    """
    path = (folder or Path.cwd()) / Path(value).expanduser()
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = "a folder" if path.is_dir() else "not there" if isinstance(error, FileNotFoundError) else "not readable"
        raise RequestError(
            f"{parameter} names the image {path}, which is {reason}; allowed are an image file, a URL, a data URI or an uploaded UUID.",
            code="invalidFrameImage",
            parameter=parameter,
        ) from error
    image_format, size = _header(content, parameter=parameter, what=str(path))
    return ImageFacts(
        path=path.resolve(), size=size, mime_type=_MIME_TYPES[image_format], sha256=hashlib.sha256(content).hexdigest(), bytes=len(content)
    )


def data_image(value: str, *, parameter: str) -> Size:
    """The size of an image given as a data URI or as bare base64.

    Raises:
        RequestError: not base64, or not a PNG, JPEG or WebP image.
    """
    encoded = value.partition(",")[2] if value.startswith("data:") else value
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestError(
            f"{parameter} is given as data that is not base64; allowed are PNG, JPEG and WebP images.",
            code="invalidFrameImage",
            parameter=parameter,
        ) from error
    return _header(content, parameter=parameter, what="the image given as data")[1]


def as_data_uri(image: ImageFacts) -> str:
    """The file's bytes, unchanged, as a data URI: a 4K image stays 4K."""
    return f"data:{image.mime_type};base64,{base64.b64encode(image.path.read_bytes()).decode('ascii')}"


def _header(content: bytes, *, parameter: str, what: str) -> tuple[str, Size]:
    from PIL import Image, UnidentifiedImageError

    cause: Exception | None = None
    image_format, size = "", Size(0, 0)
    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content)) as image:
            size = Size(*image.size)
            image.verify()
            image_format = image.format or ""
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, *bombs) as error:
        cause = error
    if image_format not in _MIME_TYPES:
        raise RequestError(
            f"{parameter}: {what} is {image_format or 'not a readable image'}, allowed are PNG, JPEG and WebP.",
            code="invalidFrameImage",
            parameter=parameter,
        ) from cause
    return image_format, size
