"""Content Credentials (C2PA) into a finished file, and out of it: the last thing that is done to it, because any rewrite drops them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kling_post.errors import EncodeError, InvalidInputError, MediaError
from kling_post.media.signing_identity import Identity, missing_extra
from kling_post.whole_files import part_path, publish

_TYPES: Final = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """A file that the signed one was made from."""

    path: Path
    title: str
    instance_id: str
    """Its name inside the manifest, by which actions speak of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a file's manifest says, and whether it holds."""

    state: str
    """``Valid``, ``Trusted`` or ``Invalid``: the reader's word."""
    problems: tuple[str, ...]
    """Its validation codes of failure; ``signingCredential.untrusted`` is a certificate that nobody vouches for."""
    manifest: Mapping[str, Any]
    """The active manifest."""


def sign(source: Path, output: Path, *, manifest: Mapping[str, Any], ingredients: Sequence[Ingredient], identity: Identity) -> Path:
    """Write ``output``: ``source`` with the manifest in it, signed; it appears only when it is whole.

    Raises:
        MissingToolError: the extra is not installed.
        InvalidInputError: a container that cannot carry credentials, or a certificate that C2PA refuses.
        EncodeError: signing failed.
    """
    c2pa = _library()
    kind = _kind(source)
    part = part_path(output)
    try:
        signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(identity.algorithm.encode(), identity.certificates_pem, identity.key_pem, None))
    except c2pa.C2paError as error:
        raise InvalidInputError(f"The certificate cannot sign: {error}.", remedy="Give a chain and key that C2PA accepts.") from error
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        builder = c2pa.Builder(dict(manifest))
        for each in ingredients:
            about = {"title": each.title, "relationship": "componentOf", "instance_id": each.instance_id}
            with each.path.open("rb") as stream:
                builder.add_ingredient(json.dumps(about), _kind(each.path), stream)
        with source.open("rb") as read, part.open("wb+") as write:
            builder.sign(signer, kind, read, write)
        publish(part, output)
    except c2pa.C2paError as error:
        raise EncodeError(f"{output}: could not be signed ({error}).", remedy="Check the certificate and its key.") from error
    except OSError as error:
        raise EncodeError(f"{output}: cannot be written ({error.strerror}).", remedy="Make room, or give another folder.") from error
    finally:
        part.unlink(missing_ok=True)
    return output


def credentials(path: Path) -> Credentials | None:
    """What a file's credentials say; None where it carries none.

    Raises:
        MissingToolError: the extra is not installed.
        MediaError: the file cannot be read.
    """
    c2pa = _library()
    try:
        with path.open("rb") as stream:
            told = json.loads(c2pa.Reader(_kind(path), stream).json())
    except c2pa.C2paError as error:
        if "ManifestNotFound" in type(error).__name__ or "ManifestNotFound" in str(error):
            return None
        raise MediaError(f"its Content Credentials cannot be read ({error}).", path=path) from error
    except OSError as error:
        raise MediaError(f"cannot be read ({error.strerror}).", path=path) from error
    found = told.get("validation_results", {}).get("activeManifest", {})
    problems = tuple(each["code"] for each in found.get("failure", ()))
    return Credentials(state=told.get("validation_state", ""), problems=problems, manifest=told["manifests"][told["active_manifest"]])


def _kind(path: Path) -> str:
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        raise InvalidInputError(f"{path}: cannot carry Content Credentials.", remedy="Sign an MP4 or MOV.")
    return kind


def _library() -> Any:
    try:
        import c2pa
    except ImportError as error:
        raise missing_extra() from error
    return c2pa
