"""The open vocabulary: phrase lists in the ``*.json`` files beside this one, and the longest-match search over them.

To teach the reader a word, add it to a list in the JSON files; no code changes. Phrases are written in lower case, in the singular,
verbs in the base form, hyphens as spaces; plurals and verb forms are made here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:['\u2019](?!s\b)[^\W_]+)?(?:['\u2019]s\b)?")
_CLAUSE_END = re.compile(r"[,;:.!?()\[\]\n\u2013\u2014]|\s-\s")
_SENTENCE_END = re.compile(r"[.!?\n]")
_LISTED_KINDS = {
    "place": "places",
    "time": "times",
    "weather": "weather",
    "framing": "framing",
    "lens": "lenses",
    "speed": "speeds",
    "colour": "colours",
    "scale": "scales",
    "pace": "pace",
    "element": "elements",
    "sound": "sounds",
    "style": "style",
}
"""Kind of meaning by vocabulary file; ``hints`` in a file give the kind ``<kind> hint``."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a prompt, in lower case, with its place in the text."""

    word: str
    start: int
    stop: int
    clause: int
    """Counted from 0; punctuation ends a clause."""
    sentence: int


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase stands for: a kind (``element``, ``place hint`` …) and a key of that kind's vocabulary."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase found in a prompt: tokens ``start`` up to ``stop`` and everything that it stands for."""

    start: int
    stop: int
    meanings: tuple[Meaning, ...]
    lemma: str
    """The phrase as the vocabulary lists it."""
    plural: bool

    def key(self, kind: str) -> str | None:
        """The key that the phrase has as this kind of word, or None."""
        return next(iter(self.keys(kind)), None)

    def keys(self, kind: str) -> tuple[str, ...]:
        """Every key that the phrase has as this kind of word."""
        return tuple(meaning.key for meaning in self.meanings if meaning.kind == kind)


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    lemma: str
    plural: bool
    meanings: tuple[Meaning, ...]


@cache
def vocabulary(name: str) -> Mapping[str, Any]:
    """One JSON file of this folder, by its stem: ``places``, ``colours``."""
    loaded: Mapping[str, Any] = json.loads(resources.files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def colour_rgb(key: str) -> tuple[int, int, int]:
    """The R'G'B' code values, 0 to 255, of a key of ``colours.json``."""
    red, green, blue = vocabulary("colours")[key]["rgb"]
    return red, green, blue


def tokenise(text: str) -> tuple[Token, ...]:
    """The words of a text: hyphens part words, a possessive ``'s`` is dropped, punctuation ends clauses and sentences."""
    tokens: list[Token] = []
    clause = sentence = last = 0
    for match in _WORD.finditer(text):
        between = text[last : match.start()]
        clause += bool(_CLAUSE_END.search(between))
        sentence += bool(_SENTENCE_END.search(between))
        word = re.sub(r"'s$", "", match.group().lower().replace("\u2019", "'"))
        tokens.append(Token(word, match.start(), match.end(), clause, sentence))
        last = match.end()
    return tuple(tokens)


def plural(word: str) -> str:
    """The regular English plural.

    >>> plural("terrace"), plural("gallery"), plural("arch")
    ('terraces', 'galleries', 'arches')
    """
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def verb_forms(verb: str) -> dict[str, str]:
    """The base, third-person, ``-ing`` and ``-ed`` forms of a regular English verb, each with its name.

    >>> verb_forms("pan")["ing"], verb_forms("glide")["ing"]
    ('panning', 'gliding')
    """
    stem = verb
    if re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", verb):
        stem = verb + verb[-1]
    elif verb.endswith("e") and not verb.endswith("ee"):
        stem = verb[:-1]
    past = verb[:-1] + "ied" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else stem + "ed"
    return {verb: "base", plural(verb): "third", stem + "ing": "ing", past: "past"}


def _spellings(phrase: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """A listed phrase and its plurals: of the last word, and of the head in "shaft of light"."""
    words = tuple(phrase.replace("-", " ").split())
    listed_plural = words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "as", "is"))
    yield words, listed_plural or words[-1] in vocabulary("numbers")["plural_words"]
    yield (*words[:-1], plural(words[-1])), True
    if "of" in words[1:]:
        head = words.index("of", 1) - 1
        yield (*words[:head], plural(words[head]), *words[head + 1 :]), True


def _entries() -> Iterator[tuple[str, Meaning]]:
    for kind, file in _LISTED_KINDS.items():
        for key, entry in vocabulary(file).items():
            for phrase in entry["phrases"]:
                yield phrase, Meaning(kind, key)
            for phrase in entry.get("hints", ()):
                yield phrase, Meaning(f"{kind} hint", key)
        for phrase, maker in _heard_makers(kind, file):
            yield phrase, maker
    numbers = vocabulary("numbers")
    for phrase, count in (numbers["numbers"] | numbers["groups"]).items():
        yield phrase, Meaning("number", str(count))


def _heard_makers(kind: str, file: str) -> Iterator[tuple[str, Meaning]]:
    """Who makes a sound is there too: "dog barking" names a dog as well as its barking."""
    if kind != "sound":
        return
    living = {
        spelling: key
        for key, entry in vocabulary("elements").items()
        if entry["kind"] in ("animal", "person")
        for phrase in entry["phrases"]
        for spelling in (phrase, plural(phrase))
    }
    for entry in vocabulary(file).values():
        for phrase in entry["phrases"]:
            first, *rest = phrase.split()
            if rest and first in living:
                yield phrase, Meaning("element", living[first])


@cache
def _phrases() -> Mapping[str, tuple[_Phrase, ...]]:
    """Every phrase in every spelling by its first word, longest first."""
    meanings: dict[str, list[Meaning]] = {}
    for phrase, meaning in _entries():
        listed = meanings.setdefault(phrase.replace("-", " "), [])
        if meaning not in listed:
            listed.append(meaning)
    found: dict[tuple[str, ...], _Phrase] = {}
    for phrase, listed in meanings.items():
        for words, is_plural in _spellings(phrase):
            known = found.get(words)
            # A spelling may be listed itself ("waves") and be another's plural ("wave"): it means both, its own meaning first.
            itself = words == tuple(phrase.split())
            earlier = known.meanings if known else ()
            both = dict.fromkeys((*listed, *earlier) if itself else (*earlier, *listed))
            found[words] = _Phrase(words, known.lemma if known else phrase, is_plural or bool(known and known.plural), tuple(both))
    table: dict[str, list[_Phrase]] = {}
    for entry in found.values():
        table.setdefault(entry.words[0], []).append(entry)
    return {first: tuple(sorted(entries, key=lambda entry: -len(entry.words))) for first, entries in table.items()}


def find_mentions(tokens: tuple[Token, ...], *, taken: frozenset[int] = frozenset()) -> tuple[Mention, ...]:
    """Every known phrase, longest first from the left, without overlap, inside one clause; tokens in ``taken`` are not looked at."""
    mentions: list[Mention] = []
    position = 0
    while position < len(tokens):
        entry = _longest(tokens, position, taken)
        if entry is None:
            position += 1
            continue
        stop = position + len(entry.words)
        mentions.append(Mention(position, stop, entry.meanings, entry.lemma, entry.plural))
        position = stop
    return tuple(mentions)


def _longest(tokens: tuple[Token, ...], position: int, taken: frozenset[int]) -> _Phrase | None:
    for entry in _phrases().get(tokens[position].word, ()):
        stop = position + len(entry.words)
        span = tokens[position:stop]
        if (
            len(span) == len(entry.words)
            and span[-1].clause == span[0].clause
            and tuple(token.word for token in span) == entry.words
            and taken.isdisjoint(range(position, stop))
        ):
            return entry
    return None
