"""Long lists cut into pages, so that a report about a thousand clips opens as fast as one about ten.

The first page stands in the document as it is. The others lie in it compressed and are neither parsed nor decoded before a reader,
or a link into them, asks for them. A list of one page is not touched: small reports print whole and need no script.
"""

import base64
import gzip
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

Item = TypeVar("Item")

_ID = re.compile(r'\bid="([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class Paged(Generic[Item]):
    """One list in pages."""

    name: str
    """Of the list, in the document's ids: ``takes``."""
    items: Sequence[Item]
    size: int
    """Items on a page; the last page may hold half as many more, so that no page holds one or two."""
    render: Callable[[Sequence[Item]], str]
    """HTML of some of the items, everything in it escaped."""

    @property
    def total(self) -> int:
        """How many items there are."""
        return len(self.items)

    @property
    def count(self) -> int:
        """How many pages."""
        return max(1, (self.total + self.size // 2) // self.size)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The HTML of each page."""
        return tuple(self.render(part) for part in self._parts())

    def _parts(self) -> Iterator[Sequence[Item]]:
        for page in range(self.count):
            stop = None if page == self.count - 1 else (page + 1) * self.size
            yield self.items[page * self.size : stop]

    @property
    def first(self) -> str:
        """The page that stands in the document."""
        from markupsafe import Markup

        return Markup(self.texts[0])  # noqa: S704 - what our own templates rendered, escaped there

    @cached_property
    def packed(self) -> tuple[str, ...]:
        """Every page compressed, gzip in base64; none where there is one page only."""
        if self.count == 1:
            return ()
        return tuple(base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode("ascii") for text in self.texts)

    def places(self) -> dict[str, int]:
        """On which page each id is, from 1; empty where there is one page only."""
        if self.count == 1:
            return {}
        return {name: place for place, text in enumerate(self.texts, start=1) for name in _ID.findall(text) if "@" not in name}
