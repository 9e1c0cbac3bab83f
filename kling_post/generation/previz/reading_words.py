"""Answers for every word of a prompt: what was made of it, or that nothing was.

Four things can become of a word. It is **used**: it decides something about the take (place, light, camera, a thing, its colour …). It
is **recognised**: its meaning is known and changes nothing that is drawn or sounded (praise, mood, what a subject does, what a thing
is like). It is **filler**: "the", "of". Or it is **not understood**, and then the take says so in the prompt's own words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kling_post.generation.previz.words import Mention, Token, plural, verb_forms, vocabulary

Use = Literal["used", "recognised", "filler", "not understood"]

_USED = frozenset(
    {"element", "place", "place hint", "time", "time hint", "weather", "framing", "lens", "speed", "colour", "sound", "scale", "pace"}
)
"""Kinds of meaning that decide something; a ``style`` is recognised only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordUse:
    """One word of a prompt, and what became of it."""

    word: str
    use: Use
    kinds: tuple[tuple[str, str], ...] = ()
    """(kind, key) of each meaning: ``("element", "birds")``; of a camera move ``("camera", "")``."""


def account_for(tokens: tuple[Token, ...], mentions: tuple[Mention, ...], camera: frozenset[int]) -> tuple[WordUse, ...]:
    """What became of each token; ``camera`` are those that spoke of a camera move."""
    at: dict[int, Mention] = {index: mention for mention in mentions for index in range(mention.start, mention.stop)}
    return tuple(
        WordUse(word=token.word, use="used", kinds=(("camera", ""),)) if index in camera else _use_of(token.word, at.get(index))
        for index, token in enumerate(tokens)
    )


def _use_of(word: str, mention: Mention | None) -> WordUse:
    kinds = tuple((meaning.kind, meaning.key) for meaning in mention.meanings) if mention is not None else ()
    if word in _fillers():
        return WordUse(word=word, use="filler", kinds=kinds)
    if any(kind in _USED for kind, _ in kinds) or (kinds and kinds[0][0] == "number"):
        return WordUse(word=word, use="used", kinds=kinds)
    if kinds or _is_plain(word):
        return WordUse(word=word, use="recognised", kinds=kinds)
    return WordUse(word=word, use="not understood")


@cache
def _fillers() -> frozenset[str]:
    return frozenset(vocabulary("grammar")["function_words"]) | frozenset(vocabulary("grammar")["negations"])


@cache
def _plain_words() -> frozenset[str]:
    """Actions in every form of the verb, and qualities and things of no shape, as they stand in ``plain_words.json``."""
    listed = vocabulary("plain_words")
    verbs = {form for verb in listed["actions"] for form in verb_forms(verb)}
    nouns = {form for noun in listed["nouns"] for form in (noun, plural(noun))}
    camera = vocabulary("camera")
    order = {word for name in ("subjects", "near_subjects", "footage_words", "opening", "next", "sides", "ways") for word in camera[name]}
    return frozenset(verbs | nouns | order | set(listed["qualities"]))


def _is_plain(word: str) -> bool:
    return word in _plain_words() or word.isdigit()


def not_understood(text: str, tokens: tuple[Token, ...], uses: tuple[WordUse, ...]) -> tuple[str, ...]:
    """Every word that nothing was made of, in the prompt's own words: whole phrases where no word was recognised, else the words."""
    return tuple(
        text[tokens[run.start].start : tokens[run.stop - 1].stop] for piece in phrases(tokens) for run in _unread_runs(uses, piece)
    )


def _unread_runs(uses: tuple[WordUse, ...], piece: range) -> Iterator[range]:
    unread = [index for index in piece if uses[index].use == "not understood"]
    if unread and all(uses[index].use in ("not understood", "filler") for index in piece):
        yield piece
        return
    start = None
    for index in (*piece, piece.stop):
        # Filler between two unread words belongs to them: "flumbering of the zorbs".
        goes_on = index in piece and uses[index].use in ("not understood", "filler")
        if start is None and index in unread:
            start = index
        elif start is not None and not goes_on:
            yield range(start, 1 + max(other for other in unread if other < index))
            start = None


def phrases(tokens: tuple[Token, ...]) -> Iterator[range]:
    """The prompt in its smallest parts: clauses, parted again at "and", "as", "while" and their like."""
    grammar = vocabulary("grammar")
    start = 0
    for index in range(1, len(tokens) + 1):
        ended = index == len(tokens) or tokens[index].clause != tokens[index - 1].clause
        if ended or tokens[index].word in grammar["clause_words"]:
            if index > start:
                yield range(start, index)
            start = index
