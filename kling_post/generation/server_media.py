"""What a server keeps beside its takes: images that clients hand in, each under a UUID."""

import base64
import binascii
import re
import uuid
from pathlib import Path

from kling_post.errors import RequestError
from kling_post.generation.images import ImageKind, data_image, image_kind

_SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Uploads:
    """A folder of images by UUID."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, value: object, *, parameter: str) -> tuple[str, Path]:
        """Keep an image given as a data URI or base64, with all its pixels; returns its UUID and its file.

        Raises:
            RequestError: not an image given as data. Addresses are not fetched: the server reaches for nothing on a client's word.
        """
        if not isinstance(value, str) or image_kind(value) is not ImageKind.DATA:
            raise RequestError(
                f"{parameter} is not an image given as data, allowed are PNG, JPEG and WebP as a data URI or base64.",
                code="invalidImage",
                parameter=parameter,
            )
        data_image(value, parameter=parameter)
        encoded = value.partition(",")[2] if value.startswith("data:") else value
        try:
            content = base64.b64decode("".join(encoded.split()))
        except (binascii.Error, ValueError) as error:
            raise RequestError(f"{parameter} is not base64.", code="invalidImage", parameter=parameter) from error
        suffix = next((suffix for head, suffix in _SUFFIXES.items() if content.startswith(head)), ".png")
        identity = str(uuid.uuid4())
        path = self._folder / f"{identity}{suffix}"
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.replace(path)
        return identity, path

    def path(self, identity: str) -> Path | None:
        """The file of a UUID, or None where there is none."""
        if not _UUID.fullmatch(identity.lower()):
            return None
        return next(iter(self._folder.glob(f"{identity.lower()}.[pjw]*g")), None) or next(
            iter(self._folder.glob(f"{identity.lower()}.webp")), None
        )

    def remove(self, identity: str) -> bool:
        """Forget an image; whether it was there."""
        path = self.path(identity)
        if path is None:
            return False
        path.unlink(missing_ok=True)
        return True

    def as_path(self, value: str, *, parameter: str) -> str:
        """An image value of a request as the engine shall see it: what was handed in, or comes as data, as a file of this machine.

        Raises:
            RequestError: data that is no image, or a local path: a client may not name files of the server's machine.
        """
        kind = image_kind(value)
        if kind is ImageKind.DATA:
            return str(self.keep(value, parameter=parameter)[1])
        if kind is ImageKind.FILE:
            raise RequestError(
                f"{parameter} is neither an address, nor data, nor the UUID of an uploaded image.",
                code="invalidFrameImage",
                parameter=parameter,
            )
        stored = self.path(value) if kind is ImageKind.UUID else None
        return str(stored) if stored is not None else value
