"""A city: its roofs from above or afar, else one of its streets."""

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.outdoors.moving import moving_picture
from kling_post.generation.previz.outdoors.skyline import draw_skyline
from kling_post.generation.previz.places.street import PLACE as STREET

_FROM_AFAR = ("aerial", "wide")


class _City:
    name = "city"

    def picture(self, request: PictureRequest) -> Picture:
        """The skyline where the framing, or the word itself, asks for one."""
        reading = request.reading
        skyline = reading.element("skyline")
        afar = skyline is not None and any(word in skyline.phrase.lower() for word in ("skyline", "cityscape", "skyscraper", "rooftop"))
        if reading.framing not in _FROM_AFAR and not afar:
            return STREET.picture(request)
        still = draw_skyline(reading, seed=request.seed, size=request.size)
        return moving_picture(still, request, air=(), bears=0.4)


PLACE = _City()
