import pytest

from kling_post.cli.engines import open_engine
from kling_post.errors import UsageError
from kling_post.generation.previz.engine import PrevizBackend


def test_depth_is_an_option_of_the_embedded_backend_alone() -> None:
    engine = open_engine("previz", depth=True)
    assert isinstance(engine, PrevizBackend)
    assert engine.depth
    with pytest.raises(UsageError, match="--depth is for the previz backend, not for diffusers"):
        open_engine("diffusers", depth=True)
