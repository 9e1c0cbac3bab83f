"""Open country for prompts whose place has no file of its own."""

from kling_post.generation.previz.contract import PictureRequest
from kling_post.generation.previz.places.salt_flats import SaltFlatsPicture


class Plain:
    """Open country."""

    name = "plain"

    def picture(self, request: PictureRequest) -> SaltFlatsPicture:
        """Build one shot."""
        return SaltFlatsPicture(request)


PLACE = Plain()
