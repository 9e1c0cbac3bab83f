"""The things that a prompt names, with the number, colour and size that its grammar binds to them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kling_post.generation.previz.contract import Element
from kling_post.generation.previz.words import Mention, Token, find_mentions, tokenise, vocabulary

_BINDING_REACH = 5
"""How many words before a noun its colour, size and number are looked for."""


def read_elements(text: str, tokens: tuple[Token, ...], mentions: tuple[Mention, ...]) -> list[tuple[Element, str]]:
    """Every element named, each key once, with the vocabulary's form of the phrase that named it first."""
    words = vocabulary("elements")
    known = {key for mention in mentions for key in mention.keys("element")}
    found: dict[str, tuple[Element, str]] = {}
    for order, mention in enumerate(mentions):
        for listed in mention.keys("element"):
            if words[listed]["kind"] == "body":
                continue
            key = next((other for other in words[listed].get("refers_back_to", ()) if other in known), listed)
            bound, span = _bound(tokens, mentions[:order], mention, _worn_as(tokens, mention, key))
            element = replace(bound, phrase=text[tokens[span.start].start : tokens[span.stop - 1].stop])
            if element.key in found:
                first, lemma = found[element.key]
                scale = first.scale if first.scale != 1.0 else element.scale
                again = replace(first, count=max(first.count, element.count), colour=first.colour or element.colour, scale=scale)
                found[element.key] = (again, lemma)
            else:
                found[element.key] = (element, mention.lemma)
    return list(found.values())


def _worn_as(tokens: tuple[Token, ...], mention: Mention, key: str) -> str:
    """Fabric that somebody wears is a garment."""
    before = {token.word for token in tokens[max(0, mention.start - 4) : mention.start]}
    worn: str = vocabulary("grammar")["worn_as"].get(key, key)
    return worn if before & set(vocabulary("grammar")["worn_after"]) else key


def _bound(tokens: tuple[Token, ...], before: Sequence[Mention], mention: Mention, key: str) -> tuple[Element, range]:
    """The element with the number, colour and size that stand before it in its own clause, and the tokens of its phrase."""
    count, colour, scale = None, _own_colour(mention), 1.0
    start = mention.start
    # "Flooded" and "smoking" say how something else is: sizes and numbers before them are not theirs.
    binding = () if mention.lemma in vocabulary("grammar")["adjectives"] else _binding(tokens, before, mention)
    for other in binding:
        number, size = other.key("number"), other.key("scale")
        count = count or (int(number) if number else None)
        colour = colour or other.key("colour")
        scale = float(vocabulary("scales")[size]["scale"]) if size else scale
        start = other.start
    if count is None or (count == 1 and mention.plural):
        count = vocabulary("numbers")["plural"] if mention.plural else 1
    kind = vocabulary("elements")[key]["kind"]
    # "Tiny attendants for scale" are people of the usual height, seen small.
    scale = max(1.0, scale) if kind == "person" else scale
    return Element(key=key, phrase=mention.lemma, count=count, colour=colour, scale=scale), range(start, mention.stop)


def _own_colour(mention: Mention) -> str | None:
    """The colour that is part of the phrase itself: "copper saddle"."""
    inner = find_mentions(tokenise(mention.lemma)) if " " in mention.lemma else ()
    return mention.key("colour") or next((colour for part in inner if (colour := part.key("colour"))), None) or _colour_word(mention)


def _colour_word(mention: Mention) -> str | None:
    words = set(mention.lemma.split()[:-1])
    return next((key for key, entry in vocabulary("colours").items() if words & set(entry["phrases"])), None)


def _binding(tokens: tuple[Token, ...], before: Sequence[Mention], mention: Mention) -> Iterator[Mention]:
    """Mentions of number, colour and size before a noun, nearest first, as far as nothing else stands between."""
    breaking = set(vocabulary("grammar")["function_words"])
    start = mention.start
    for other in reversed(before):
        gap = {token.word for token in tokens[other.stop : start]}
        far = mention.start - other.stop > _BINDING_REACH or tokens[other.start].clause != tokens[mention.start].clause
        qualifies = other.key("number") or other.key("colour") or other.key("scale")
        if far or gap & breaking or other.keys("element") or not (qualifies or other.key("style") or other.key("pace")):
            return
        if qualifies:
            yield other
        start = other.start


def colour_the_subject(tokens: tuple[Token, ...], mentions: tuple[Mention, ...], elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """A coat's colour is also its wearer's, and "its body is built from brass" colours what ``its`` refers to."""
    vocabulary_elements, grammar = vocabulary("elements"), vocabulary("grammar")
    colours: dict[str, str] = {}
    subject: str | None = None
    for order, mention in enumerate(mentions):
        named = mention.key("element")
        key = _worn_as(tokens, mention, named) if named else None
        kind = vocabulary_elements[key]["kind"] if key else ""
        if key and kind == "garment" and subject:
            worn = _bound(tokens, mentions[:order], mention, key)[0].colour
            between = {token.word for token in tokens[max(0, mention.start - 8) : mention.start]}
            if worn and between & set(grammar["wearing"]):
                colours.setdefault(subject, worn)
        elif key and kind in ("person", "animal", "machine", "vehicle"):
            subject = key
        elif mention.key("colour") and subject:
            sentence = tokens[mention.start].sentence
            first = next(token.word for token in tokens if token.sentence == sentence)
            # "Its body is brass"; "a figure in red".
            if first in ("its", "his", "her", "their") or tokens[mention.start - 1].word in ("in", "wearing"):
                colours.setdefault(subject, mention.key("colour") or "")
    return tuple(replace(element, colour=element.colour or colours.get(element.key)) for element in elements)


def read_mood_colours(tokens: tuple[Token, ...], mentions: tuple[Mention, ...]) -> tuple[str, ...]:
    """Colours that no element took: those of the place, the sky, the light."""
    loose: list[str] = []
    for order, mention in enumerate(mentions):
        colour = mention.key("colour") or _colour_of_place(mention)
        if not colour or mention.keys("element"):
            continue
        following = mentions[order + 1] if order + 1 < len(mentions) else None
        bound = following is not None and following.key("element") and not following.key("place") and following.start - mention.stop < 3
        if not bound or tokens[mention.start].clause != tokens[following.start if following else mention.start].clause:
            loose.append(colour)
    return tuple(dict.fromkeys(loose))


def _colour_of_place(mention: Mention) -> str | None:
    """The colour inside "white background" and "blue tones"."""
    if not (mention.key("place") or mention.key("style")) or " and " in mention.lemma:
        return None
    return _colour_word(mention)
