"""A plain room."""

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.interior.chamber import draw_chamber
from kling_post.generation.previz.interior.relief import relief_of
from kling_post.generation.previz.still import moving_still


class _Room:
    name = "room"

    def picture(self, request: PictureRequest) -> Picture:
        """One still with exact depth, and the camera over it."""
        still = draw_chamber(request.reading, seed=request.seed, size=request.size)
        relief = relief_of(still.nearness, still.vanishing, still.focal)
        named = frozenset(element.key for element in request.reading.elements)
        notes = ("Whatever room it is, it is drawn as a living room.",)
        return moving_still(still.picture, relief, request, notes=notes, drawn=still.drawn & named)


PLACE = _Room()
