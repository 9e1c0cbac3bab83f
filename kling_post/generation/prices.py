"""What a task costs, before it is sent: price per second of the model times length times number of results, in exact USD."""

from decimal import ROUND_HALF_UP, Decimal

from kling_post.generation.models import video_model
from kling_post.vocabulary import VideoTask

_CENT_FRACTION = Decimal("0.0001")


def price_usd(task: VideoTask) -> Decimal:
    """The price that the provider's table gives for the task, to a hundredth of a cent.

    Raises:
        RequestError: a model that has no price in the table.
    """
    model = video_model(task.model)
    per_second = model.sound_usd_per_second if task.sound else model.silent_usd_per_second
    return (per_second * task.duration_seconds * result_count(task)).quantize(_CENT_FRACTION, ROUND_HALF_UP).normalize() + Decimal("0.00")


def result_count(task: VideoTask) -> int:
    """How many videos the task asks for."""
    count = task.wire.get("numberResults", 1)
    return count if isinstance(count, int) else 1


def usd(amount: Decimal) -> str:
    """An amount as people write it: at least two decimals, more only where they say something: ``3.78``, ``0.084``."""
    plain = amount.quantize(Decimal("0.01")) if amount == amount.quantize(Decimal("0.01")) else amount.normalize()
    return f"{plain:f}"
