"""What a request's negative prompt forbids in words that a check can measure."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("words.json")


@cache
def words_by_check() -> Mapping[str, tuple[str, ...]]:
    """Checks by name, and the phrases of a negative prompt that ask for them. Words that a machine cannot measure are not there."""
    return {check: tuple(phrases) for check, phrases in json.loads(_FILE.read_text(encoding="utf-8")).items()}


def forbidden(negative_prompt: str | None) -> dict[str, str]:
    """Checks that a negative prompt makes stricter, each with the longest phrase that does so.

    >>> forbidden("low detail, flickering architecture, abrupt scene cuts, cartoon")
    {'cuts': 'scene cuts', 'flicker': 'flickering', 'local_flicker': 'flickering', 'resolution': 'low detail'}
    """
    text = (negative_prompt or "").lower()
    if not text:
        return {}
    named: dict[str, str] = {}
    for check, phrases in words_by_check().items():
        for phrase in sorted(phrases, key=len, reverse=True):
            # A phrase counts only as whole words: "frame" is not in "frames per second".
            if re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", text):
                named[check] = phrase
                break
    return named


_REST = re.compile(
    r"\b(?:com(?:es|ing) to (?:a |an |its )?(?:\w+ )?(?:stop|rest|halt|standstill)|slow(?:s|ing) (?:down|to)"
    r"|eas(?:es|ing) (?:out|to)|decelerat\w*|settl(?:es|ing)|hold(?:s|ing)? (?:still|on the last)"
    r"|stops? (?:moving|at the end)|then stops|(?:ends?|ending) (?:still|at rest))\b",
    re.IGNORECASE,
)


def asks_for_rest(prompt: str) -> bool:
    """Whether a shot's prompt asks for a movement that comes to rest.

    >>> asks_for_rest("The camera trucks right and comes to a slow stop"), asks_for_rest("The camera trucks right")
    (True, False)
    """
    return _REST.search(prompt) is not None


_STIRS = re.compile(
    r"\b(?:water(?:s|falls?)?|sea|seas|ocean\w*|waves?|surf|rivers?|lakes?|streams?|fountains?|rain\w*|snow(?:fall|storm|ing|flakes?)?"
    r"|fires?|flames?|burning|bonfire|campfire|smok\w+|steam\w*|fog|mist|dust|sand ?storm|lava|embers|sparks"
    r"|foliage|(?:autumn|fallen|falling|green|golden|rustling|windblown) leaves|leaves in the wind|grass\w*|wheat|meadow"
    r"|crowds?|swarm\w*)\b",
    re.IGNORECASE,
)


def names_what_stirs(prompt: str) -> bool:
    """Whether a prompt names things whose fine detail re-forms by nature: water, fire, smoke, leaves, crowds.

    >>> names_what_stirs("The sea at dusk, static camera"), names_what_stirs("A portrait in a plain room")
    (True, False)
    """
    return _STIRS.search(prompt) is not None
