"""The flooded railway terminal."""

from kling_post.generation.previz.between import glide_between, go_between
from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.interior.relief import relief_of
from kling_post.generation.previz.interior.terminal import draw_terminal
from kling_post.generation.previz.still import moving_still

_GREEN = ("greenery", "tree", "leaves")
_GLIDE_METRES = 1.6


class _Station:
    name = "station"

    def picture(self, request: PictureRequest) -> Picture:
        """One still with exact depth and the camera over it; two, and what lies between, where the prompt lets greenery in."""
        reading = request.reading
        named = frozenset(element.key for element in reading.elements)
        first = draw_terminal(reading, seed=request.seed, size=request.size, state=0.0)
        relief = relief_of(first.nearness, first.vanishing, first.focal)
        if not any(reading.element(key) for key in _GREEN):
            return moving_still(first.picture, relief, request, notes=first.notes, drawn=first.drawn & named)
        forward = not reading.camera or any(move.kind == "dolly" and move.direction > 0 for move in reading.camera)
        ahead = _GLIDE_METRES if forward else 0.0
        last = draw_terminal(reading, seed=request.seed, size=request.size, state=1.0, ahead=ahead)
        if forward:
            return glide_between(first, last, request, ahead=ahead, drawn=(first.drawn | last.drawn) & named)
        return go_between(first.picture, last.picture, request, relief=relief, drawn=(first.drawn | last.drawn) & named)


PLACE = _Station()
