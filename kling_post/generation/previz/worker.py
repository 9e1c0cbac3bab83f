"""The child process that draws one task: ``python -m kling_post.generation.previz.worker ORDER_JSON FOLDER``."""

import sys
from pathlib import Path

from kling_post.generation.local.job import Json, Outcome
from kling_post.generation.local.worker import Told, carry_out
from kling_post.generation.previz.job import order_from_json


def _draw(data: Json, folder: Path, tell: Told) -> tuple[Outcome, ...]:
    from kling_post.generation.previz.take import draw_take

    order = order_from_json(data)
    return tuple(draw_take(order, folder, number, tell) for number in range(order.results))


if __name__ == "__main__":
    sys.exit(carry_out(sys.argv[1:], _draw, engine="the previz renderer"))
