"""The video models of the Kling 3.0 family as a table: sizes, lengths and prices. Adding a model is adding a row.

Figures are those of Runware's model pages for Kling VIDEO 3.0 and 3.0 Omni (4K, Pro, Standard); limits on text and on the
number of shots are the provider's own, as its mirrors print them. Prices are USD per second of finished video.
"""

import difflib
import math
from dataclasses import dataclass
from decimal import Decimal

from kling_post.errors import RequestError
from kling_post.vocabulary import Size

_4K = (Size(3840, 2160), Size(2880, 2880), Size(2160, 3840))
_PRO = (Size(1920, 1080), Size(1440, 1440), Size(1080, 1920))
_STANDARD = (Size(1280, 720), Size(960, 960), Size(720, 1280))


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoModel:
    """One model: what it accepts and what it costs."""

    air: str
    """The wire's name, ``klingai:kling-video@3-4k``."""
    slug: str
    """The name on the provider's web pages; the raw interface wants the AIR."""
    title: str
    sizes: tuple[Size, ...]
    """All that the model delivers; the landscape one first."""
    silent_usd_per_second: Decimal
    sound_usd_per_second: Decimal
    shortest_seconds: int = 3
    longest_seconds: int = 15
    default_seconds: int = 5
    prompt_characters: int = 2500
    shot_prompt_characters: int = 512
    most_shots: int = 6
    most_results: int = 20


_FAMILY = (
    VideoModel(
        air="klingai:kling-video@3-4k",
        slug="klingai-video-3-0-4k",
        title="Kling VIDEO 3.0 4K",
        sizes=_4K,
        silent_usd_per_second=Decimal("0.42"),
        sound_usd_per_second=Decimal("0.42"),
    ),
    VideoModel(
        air="klingai:kling-video@3-pro",
        slug="klingai-video-3-0-pro",
        title="Kling VIDEO 3.0 Pro",
        sizes=_PRO,
        silent_usd_per_second=Decimal("0.112"),
        sound_usd_per_second=Decimal("0.168"),
    ),
    VideoModel(
        air="klingai:kling-video@3-standard",
        slug="klingai-video-3-0-standard",
        title="Kling VIDEO 3.0 Standard",
        sizes=_STANDARD,
        silent_usd_per_second=Decimal("0.084"),
        sound_usd_per_second=Decimal("0.126"),
    ),
    VideoModel(
        air="klingai:kling-video@o3-4k",
        slug="klingai-video-3-0-omni-4k",
        title="Kling VIDEO 3.0 Omni 4K",
        sizes=_4K,
        silent_usd_per_second=Decimal("0.42"),
        sound_usd_per_second=Decimal("0.42"),
    ),
    VideoModel(
        air="klingai:kling-video@o3-pro",
        slug="klingai-video-3-0-omni-pro",
        title="Kling VIDEO 3.0 Omni Pro",
        sizes=_PRO,
        silent_usd_per_second=Decimal("0.112"),
        sound_usd_per_second=Decimal("0.14"),
    ),
    VideoModel(
        air="klingai:kling-video@o3-standard",
        slug="klingai-video-3-0-omni-standard",
        title="Kling VIDEO 3.0 Omni Standard",
        sizes=_STANDARD,
        silent_usd_per_second=Decimal("0.084"),
        sound_usd_per_second=Decimal("0.112"),
    ),
)

MODELS = {model.air: model for model in _FAMILY}
"""Every known model by its AIR."""

DEFAULT_MODEL = "klingai:kling-video@3-4k"
DRAFT_MODEL = "klingai:kling-video@3-standard"


def video_model(air: str) -> VideoModel:
    """The row of a model.

    Raises:
        RequestError: not a model of the family; names the nearest one.
    """
    if air in MODELS:
        return MODELS[air]
    slugs = {model.slug: model.air for model in _FAMILY}
    near = difflib.get_close_matches(air, [*MODELS, *slugs], n=1, cutoff=0.5)
    nearest = slugs.get(near[0], near[0]) if near else ""
    raise RequestError(
        f"model is {air!r}, allowed are {', '.join(MODELS)}.",
        code="invalidModel",
        parameter="model",
        remedy=f"Did you mean {nearest!r}?" if nearest else "",
    )


def nearest_size(model: VideoModel, image: Size) -> Size:
    """The model's size whose aspect comes nearest to an image's, compared as ratios: 2:1 is as far from 1:1 as 1:2 is."""

    def distance(size: Size) -> float:
        return abs(math.log(size.width * image.height / (size.height * image.width)))

    return min(model.sizes, key=distance)
