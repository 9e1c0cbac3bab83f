"""What passes between the prompt reader, the places that draw, the foley and the backend.

The reader turns a prompt into a ``Reading``: which place, what time, which camera move, which *elements* were named. A place draws
the elements that it knows and says which; what nobody drew is reported to the user in the prompt's own words.

Element keys are plain nouns in the plural or singular as they stand in ``words/*.json``; a place may draw any key that it likes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kling_post.vocabulary import Size

RgbFrame = NDArray[np.uint8]
"""(height, width, 3), full-range R'G'B' with BT.709 primaries and transfer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMove:
    """One camera move, in the words of the set: true metres and degrees are chosen by the place, from its scale."""

    kind: str
    """``dolly``, ``truck``, ``crane``, ``pan``, ``tilt``, ``orbit``, ``zoom``, ``roll``, ``handheld`` or ``static``."""
    direction: float
    """+1 is forward, right, up or clockwise; -1 the other way; 0 for static and handheld."""
    pace: float
    """1 is an unhurried move; ``slow`` is 0.5, ``fast`` 2."""
    begins: float = 0.0
    """Where in the shot, 0 to 1: "then gently cranes upward" begins late."""
    ends: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Something that the prompt names and a place may draw, or the foley sound."""

    key: str
    """``pack animal``, ``smoke``, ``light shafts`` …"""
    phrase: str
    """The prompt's own words."""
    count: int = 1
    """How many, where a number or a plural is given."""
    colour: str | None = None
    """Key of ``words/colours.json``."""
    scale: float = 1.0
    """Against its usual size: "colossal" 8, "towering" 2, "tiny" 0.3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the reader understood of one shot's prompt."""

    prompt: str
    place: str
    """``salt flats``, ``quarry``, ``station``, ``ice library`` …, ``plain`` where none was named."""
    time_of_day: str
    """``dawn``, ``morning``, ``noon``, ``golden hour``, ``dusk``, ``night`` or ``polar night``."""
    weather: tuple[str, ...] = ()
    """``haze``, ``wind``, ``snow``, ``rain``, ``fog``, ``storm`` …"""
    framing: str = "medium"
    """``wide``, ``medium``, ``close``, ``low angle``, ``aerial`` or ``eye level``."""
    camera: tuple[CameraMove, ...] = ()
    """Moves may overlap in time; empty means that the prompt names none."""
    elements: tuple[Element, ...] = ()
    sounds: tuple[str, ...] = ()
    """Keys of ``words/sounds.json``: ``wind``, ``footsteps``, ``water`` …"""
    mood_colours: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Element keys that the negative prompt takes out."""
    lens: str | None = None
    """Key of ``words/lenses.json`` where one is named: ``wide``, ``long``, ``macro`` …"""
    speed: str | None = None
    """``slow motion`` or ``time lapse``, where the prompt asks for it."""
    not_understood: tuple[str, ...] = ()
    """Every word of the prompt that nothing was made of, in phrases."""
    assumed: tuple[str, ...] = ()
    """Of ``place``, ``time of day`` and ``framing``, those that the prompt does not say: their values are defaults."""

    def element(self, key: str) -> Element | None:
        """The element of that key, unless it was not named or was removed."""
        return next((element for element in self.elements if element.key == key and key not in self.removed), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRequest:
    """What a place is asked to draw: one shot."""

    reading: Reading
    seed: int
    """The scene's seed: the same for every shot of a task, so that horizon, sun and figures stay."""
    shot_index: int
    shot_count: int
    size: Size
    frames: int
    rate: Fraction
    threads: int = 2
    """For building and drawing; the picture must not depend on it."""


class Picture(Protocol):
    """One shot, ready to be drawn frame by frame, in any order."""

    drawn: frozenset[str]
    """Element keys, and weather, that are to be seen in it."""
    notes: tuple[str, ...]
    """What a person should know about how it was drawn, one sentence each: "no depth in the still: flat move"."""
    events: Mapping[str, tuple[float, ...]]
    """Seconds in the shot at which something audible is seen, by sound key: ``footsteps`` on each step."""

    def frame(self, index: int) -> RgbFrame:
        """Draw one frame; the same index always gives the same bytes, whatever was drawn before.

        Several threads draw frames of one picture at once: what is shared is not written to.
        """


class Place(Protocol):
    """A kind of place: one file in ``places/`` with a module-level ``PLACE``; it is found by itself."""

    name: str
    """As in ``Reading.place``."""

    def picture(self, request: PictureRequest) -> Picture:
        """Build what the shot's frames share; may take seconds at 4K."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotSound:
    """What the foley is asked for: one shot."""

    reading: Reading
    seed: int
    samples: int
    """Exact length at 48 kHz."""
    events: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
