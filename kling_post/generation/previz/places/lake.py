"""Open country of one kind; see ``plain`` for how it is drawn."""

from kling_post.generation.previz.places.plain import OpenCountry

PLACE = OpenCountry("lake")
