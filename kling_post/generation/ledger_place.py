"""Where a ledger lies: paid orders of a user in one place, whatever folder a run writes to; free ones beside what they made."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "KLING_POST_LEDGER"
"""Environment variable: the ledger of all runs."""


def ledger_path(folder: Path, *, paid: bool, environment: Mapping[str, str] = os.environ) -> Path:
    """The ledger of a run.

    Orders that cost money are remembered for the user and not for the folder: a second run into another folder finds them,
    and brings the takes over instead of buying them again.

    Args:
        folder: Where the run writes.
        paid: Whether the backend costs money.
        environment: ``KLING_POST_LEDGER`` decides where it is set.
    """
    if named := environment.get(VARIABLE):
        return Path(named).expanduser()
    return users_ledger(environment) if paid else folder / "ledger.sqlite"


def users_ledger(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's own ledger, where each system keeps what programs must not lose."""
    if sys.platform == "win32":
        root = Path(environment.get("LOCALAPPDATA", "") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Application Support"
    else:
        root = Path(environment.get("XDG_STATE_HOME", "") or Path.home() / ".local" / "state")
    return root / "kling-post" / "ledger.sqlite"
