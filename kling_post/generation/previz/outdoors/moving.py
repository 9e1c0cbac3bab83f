"""The camera over a drawn still, with what moves in it and the weather that falls before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from kling_post.generation.previz.contract import Picture, PictureRequest, RgbFrame
from kling_post.generation.previz.geometry.country import FAINT, cover_of
from kling_post.generation.previz.geometry.view import UNKNOWN, Pinhole, View
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.drifting import Layer
from kling_post.generation.previz.interior.drifting import View as AirView
from kling_post.generation.previz.interior.relief import relief_of
from kling_post.generation.previz.outdoors.cards import Cards
from kling_post.generation.previz.picture.falling import Falling
from kling_post.generation.previz.picture.grade import falling_weather
from kling_post.generation.previz.picture.layers import Affine, lay
from kling_post.generation.previz.picture.layers import Layer as Sprite
from kling_post.generation.previz.still import MovingStill, moving_still

_HALF_COVERED = 128
_FALLING_LIGHT = {"night": 90, "polar night": 90, "dusk": 130}


def moving_picture(
    still: DrawnStill,
    request: PictureRequest,
    *,
    air: tuple[Layer, ...] = (),
    events: Mapping[str, tuple[float, ...]] | None = None,
    bears: float = 1.0,
) -> Picture:
    """The shot over a still.

    Args:
        still: With its depth.
        request: The shot.
        air: What moves in it, drawn over the still in this order.
        bears: How far the camera may go, against what a room's still bears: less where much stands before much else.
        events: Seconds at which something audible is seen in it.
    """
    reading = request.reading
    relief = relief_of(still.nearness, still.vanishing, still.focal)
    named = frozenset(element.key for element in reading.elements)
    shown = (still.drawn | {key for layer in air for key in layer.keys}) & (named | set(reading.weather))
    picture = moving_still(still.picture, relief, request, notes=still.notes, drawn=shown, air=air, events=events, bears=bears)
    falling = falling_weather(reading, request.seed)
    seen = {"rain", "storm", "snow"} & set(reading.weather) if falling is not None else set()
    return _Outdoors(
        picture=picture,
        cards=tuple(layer for layer in air if isinstance(layer, Cards)),
        falling=falling,
        request=request,
        drawn=picture.drawn | seen,
        notes=picture.notes,
        events=picture.events,
    )


@dataclass(slots=True, kw_only=True)
class _Outdoors:
    """A ``Picture`` behind rain or snow, that knows how far its cards stand."""

    picture: MovingStill
    cards: tuple[Cards, ...]
    falling: Falling | None
    request: PictureRequest
    drawn: frozenset[str]
    notes: tuple[str, ...]
    events: Mapping[str, tuple[float, ...]]

    def frame(self, index: int) -> RgbFrame:
        """One frame, (rows, columns, 3)."""
        frame = self.picture.frame(index)
        self._fall(frame, index)
        return frame

    def camera(self, index: int) -> Pinhole:
        """The camera of one frame."""
        return self.picture.camera(index)

    def view(self, index: int) -> View:
        """Camera and depth of one frame; where something falls before it, movement is not known."""
        view = self.picture.view(index)
        seconds = float(index / self.request.rate)
        size, path = self.request.size, self.picture.path
        seen = AirView(relief=self.picture.relief, pose=path.at(seconds), base=path.base, width=size.width, height=size.height)
        for layer in self.cards:
            for card, metres in layer.depths(seen):
                placed = card.placed(seen, seconds)
                if placed is not None:
                    view.depth[cover_of(partial(_laid, placed=placed), view.depth.shape) >= _HALF_COVERED] = metres
        if self.falling is not None:
            view.motion[cover_of(partial(self._fall, index=index), view.depth.shape) > FAINT] = UNKNOWN
        return view

    def _fall(self, frame: RgbFrame, index: int) -> None:
        if self.falling is not None:
            light = _FALLING_LIGHT.get(self.request.reading.time_of_day, 200)
            self.falling.draw(frame, float(index / self.request.rate), light=light)


def _laid(frame: RgbFrame, placed: tuple[Sprite, Affine]) -> None:
    lay(frame, *placed)
