"""Interiors of every kind: vaulted halls, libraries and corridors."""

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.interior.relief import relief_of
from kling_post.generation.previz.still import moving_still
from kling_post.generation.previz.stills import draw_still

_DRAWN_AS_ITSELF = ("hall", "cathedral", "library", "corridor")


class _Hall:
    name = "hall"

    def picture(self, request: PictureRequest) -> Picture:
        """One still with exact depth, and the camera over it; says so where the named interior is another than what is drawn."""
        reading = request.reading
        still = draw_still(reading, seed=request.seed, size=request.size)
        notes = still.notes
        if reading.place not in _DRAWN_AS_ITSELF:
            notes += (f"A {reading.place} is drawn as a plain interior with straight walls.",)
        relief = relief_of(still.nearness, still.vanishing, still.focal)
        named = frozenset(element.key for element in reading.elements)
        return moving_still(still.picture, relief, request, notes=notes, drawn=still.drawn & named)


PLACE = _Hall()
