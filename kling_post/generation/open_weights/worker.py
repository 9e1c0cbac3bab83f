"""The child process that generates one task: ``python -m kling_post.generation.open_weights.worker ORDER_JSON FOLDER``."""

import os
import sys
from pathlib import Path

from kling_post.generation.local.job import Json, Outcome
from kling_post.generation.local.worker import Told, carry_out
from kling_post.generation.open_weights.job import order_from_json


def _generate(data: Json, folder: Path, tell: Told) -> tuple[Outcome, ...]:
    from kling_post.generation.open_weights.take import make_takes

    return make_takes(order_from_json(data), folder, tell)


if __name__ == "__main__":
    # Weights come from the user's folder and from nowhere else.
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    sys.exit(carry_out(sys.argv[1:], _generate, engine="the open-weights engine"))
