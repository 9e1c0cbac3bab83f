"""The same seed gives the same bytes: whatever the number of threads, in whatever process."""

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from kling_post.generation.previz import places

PROGRAM = Path(__file__).with_name("fingerprints.py")


@pytest.mark.slow
def test_every_place_draws_the_same_bytes_on_one_two_and_four_threads_in_three_processes() -> None:
    found = []
    for threads in (1, 2, 4):
        # A hash seed of its own: the order of a set must not show either.
        environment = os.environ | {"PYTHONHASHSEED": str(threads), "OMP_NUM_THREADS": str(threads)}
        done = subprocess.run([sys.executable, str(PROGRAM), str(threads)], capture_output=True, text=True, env=environment, check=True)
        found.append(json.loads(done.stdout))
    assert len(found[0]) == len(list(pkgutil.iter_modules(places.__path__))) + 3
    assert len(set(found[0].values())) >= 12
    assert found[0] == found[1] == found[2]
