"""Killed with SIGKILL anywhere and run again: paid once, nothing lost, nothing half-written that looks finished."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "kill_test.py"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the script forks its workers")
def test_no_kill_makes_an_order_twice_or_loses_a_take() -> None:
    command = [sys.executable, str(SCRIPT), "--kills", "44", "--tasks", "3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout)
    assert figures["kills_at_edges"] + figures["kills_at_random"] >= 44
    assert figures["kinds_of_edges"] >= 26
    assert figures["most_accepted_of_one_task"] == 1
    assert figures["accepted"] == figures["verified"] == figures["tasks"]
    assert figures["lost"] == figures["half_written_that_looked_finished"] == 0
