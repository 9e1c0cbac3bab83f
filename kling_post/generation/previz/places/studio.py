"""A product under soft lights, on paper without an edge."""

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.interior.relief import relief_of
from kling_post.generation.previz.interior.seamless import draw_seamless
from kling_post.generation.previz.still import moving_still


class _Studio:
    name = "studio"

    def picture(self, request: PictureRequest) -> Picture:
        """One still with exact depth, and the camera over it."""
        still = draw_seamless(request.reading, seed=request.seed, size=request.size)
        relief = relief_of(still.nearness, still.vanishing, still.focal)
        named = frozenset(element.key for element in request.reading.elements)
        return moving_still(still.picture, relief, request, notes=still.notes, drawn=still.drawn & named, air=())


PLACE = _Studio()
