"""A file from a URL, in as many pieces as it takes: goes on where it was cut off, and knows when it is whole."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from kling_post.errors import ProviderError

_BLOCK_BYTES = 1 << 18
_SLOW_BYTES_PER_SECOND = 4096
_SLOW_AFTER_SECONDS = 60.0
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


def download(
    client: httpx.Client,
    url: str,
    destination: Path,
    on_bytes: Callable[[int, int], None],
    *,
    now: Callable[[], float] = time.monotonic,
    slow_after_seconds: float = _SLOW_AFTER_SECONDS,
) -> None:
    """Fetch a file; bytes that lie at ``destination`` already are taken for its beginning and are not fetched again.

    Args:
        client: Carries no key: media hosts are not the provider's interface.
        url: http or https.
        destination: Where the bytes go.
        on_bytes: Told bytes done and bytes in all, 0 where the host does not tell.
        now: A clock that never jumps.
        slow_after_seconds: How long less than 4 KiB/s is borne.

    Raises:
        ProviderError: not reachable, cut off or too slow (``retryable``; what came stays), or not there (not retryable).
    """
    if not url.startswith(("http://", "https://")):
        raise ProviderError(f"the video's address is not one of the web: {url[:80]}", code="badAddress")
    have = destination.stat().st_size if destination.is_file() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        with client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                destination.unlink()
                raise ProviderError("the part that lies here is no beginning of the video", code="badRange", retryable=True)
            _require_media(response)
            start, total = _extent(response, have)
            _write(response, destination, start, total, on_bytes, _Patience(now, slow_after_seconds))
    except httpx.HTTPError as error:
        raise ProviderError(f"the video could not be fetched: {type(error).__name__}", code="downloadFailed", retryable=True) from error


def _require_media(response: httpx.Response) -> None:
    if response.status_code in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
        return
    gone = response.status_code in {401, 403, 404, 410}
    raise ProviderError(
        f"the video's address answers with HTTP {response.status_code}",
        code="mediaGone" if gone else "downloadFailed",
        retryable=not gone,
        remedy="Run again: the provider is asked for a new address." if gone else "",
    )


def _extent(response: httpx.Response, have: int) -> tuple[int, int]:
    """From which byte the answer goes on, and how many the whole file has (0 where the host does not tell)."""
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
        if match is None or int(match[1]) != have:
            raise ProviderError("the media host answered with another part than it was asked for", code="badRange", retryable=True)
        return have, 0 if match[3] == "*" else int(match[3])
    length = response.headers.get("Content-Length", "")
    encoded = response.headers.get("Content-Encoding", "identity") != "identity"
    return 0, int(length) if length.isdigit() and not encoded else 0


class _Patience:
    """Ends a download that only drips."""

    def __init__(self, now: Callable[[], float], slow_after_seconds: float) -> None:
        self._now, self._seconds = now, slow_after_seconds
        self._since, self._bytes = now(), 0

    def received(self, count: int) -> None:
        self._bytes += count
        elapsed = self._now() - self._since
        if elapsed < self._seconds:
            return
        if self._bytes < _SLOW_BYTES_PER_SECOND * elapsed:
            raise ProviderError(
                f"the media host sends {self._bytes / elapsed:.0f} bytes a second, too few to wait for", code="tooSlow", retryable=True
            )
        self._since, self._bytes = self._now(), 0


def _write(
    response: httpx.Response, destination: Path, start: int, total: int, on_bytes: Callable[[int, int], None], patience: _Patience
) -> None:
    done = start
    with destination.open("ab" if start else "wb") as file:
        for block in response.iter_bytes():
            file.write(block)
            done += len(block)
            patience.received(len(block))
            on_bytes(done, total)
    if total and done != total:
        if done > total:
            destination.unlink()
        raise ProviderError(f"the video was cut off at {done} of {total} bytes", code="downloadFailed", retryable=True)
