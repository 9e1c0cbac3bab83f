"""Under water, over a reef."""

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.outdoors.moving import moving_picture
from kling_post.generation.previz.outdoors.reef import reef
from kling_post.generation.previz.outdoors.seabed import draw_seabed, sea_for
from kling_post.generation.previz.outdoors.swimmers import swimmers


class _Underwater:
    name = "underwater"

    def picture(self, request: PictureRequest) -> Picture:
        """One still of water and bed; corals in planes of their own before it, and what swims."""
        reading = request.reading
        sea = sea_for(reading, request.size)
        still = draw_seabed(sea, seed=request.seed)
        return moving_picture(still, request, air=(reef(sea, seed=request.seed), *swimmers(request, sea)))


PLACE = _Underwater()
