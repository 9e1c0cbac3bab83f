"""Which task a request is: a UUID and a seed made from its content and take number, the same on every machine.

Because the name of the task follows from what is asked, a lost ledger, a second machine or a repeated run ask for the same
task again instead of buying another one.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping

_DELIVERY_FIELDS = frozenset({"taskUUID", "includeCost", "webhookURL", "uploadEndpoint", "ttl", "deliveryMethod", "outputType"})
"""How the result travels; they do not change what is shown."""


def content_key(wire: Mapping[str, object], take_number: int, image_hashes: Mapping[str, str]) -> bytes:
    """32 bytes: SHA-256 of the request's content and the take number.

    ``image_hashes`` gives the content hash for each image value that is a local path, so that the same image under another
    path is the same request.
    """
    content = {key: _with_hashes(value, image_hashes) for key, value in wire.items() if key not in _DELIVERY_FIELDS}
    text = json.dumps({"request": content, "take": take_number}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).digest()


def task_uuid(key: bytes) -> str:
    """The key's first 128 bits in the shape of a version 4 UUID (RFC 9562)."""
    return str(uuid.UUID(bytes=key[:16], version=4))


def task_seed(key: bytes) -> int:
    """A seed of 31 bits for engines that take one."""
    return int.from_bytes(key[16:20], "big") >> 1


def _with_hashes(value: object, image_hashes: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return f"sha256:{image_hashes[value]}" if value in image_hashes else value
    if isinstance(value, Mapping):
        return {key: _with_hashes(item, image_hashes) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_hashes(item, image_hashes) for item in value]
    return value


def attempt_uuid(first: str, attempt: int) -> str:
    """The UUID of a task's n-th attempt: its own for the first, another for each repeated order after a failure."""
    if attempt == 1:
        return first
    return task_uuid(hashlib.sha256(f"{first}/{attempt}".encode()).digest())


def file_key(uuid_text: str, backend: str) -> str:
    """Eight hexadecimal digits that tell the files of one task, made by one backend, from all others."""
    return hashlib.sha256(f"{backend}/{uuid_text}".encode()).hexdigest()[:8]
