"""Turns prompts into ``Reading``: which place, what time, which camera moves, which elements and sounds, and what was not understood.

The vocabulary is open: it lies in ``words/*.json``. The reading is phrase spotting with a little grammar (negation, counts, colours
and sizes bound to the noun behind them, the camera as subject, the order of events); no statistics, so it is the same every time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kling_post.generation.previz.contract import Element, Reading
from kling_post.generation.previz.reading_camera import read_camera
from kling_post.generation.previz.reading_elements import colour_the_subject, read_elements, read_mood_colours
from kling_post.generation.previz.reading_words import WordUse, account_for, not_understood
from kling_post.generation.previz.words import Mention, Token, find_mentions, tokenise, vocabulary

DEFAULT_TIME = "morning"
"""A sun at a middling height: the light for prompts that name none."""
_STRONG, _HINT = 3.0, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """One prompt, read alone: what it says, and None where it says nothing."""

    reading: Reading
    place_strength: float
    time_strength: float


def place_chain(name: str) -> tuple[str, ...]:
    """The place itself and what it falls back to where nobody draws it, ending in ``plain``.

    >>> place_chain("cathedral")
    ('cathedral', 'hall', 'plain')
    """
    places = vocabulary("places")
    chain = [name]
    while chain[-1] in places and places[chain[-1]]["falls_back_to"]:
        chain.append(places[chain[-1]]["falls_back_to"])
    return tuple(chain) if chain[-1] == "plain" else (*chain, "plain")


def read_prompt(text: str, negative: str | None = None) -> Reading:
    """Read one shot's prompt; ``negative`` takes matching elements, weather and sounds out."""
    return _draft(text, negative).reading


def read_shots(prompts: Sequence[str], negative: str | None = None) -> tuple[Reading, ...]:
    """Read the shots of one task as one scene.

    A later shot that names no place or time keeps the earlier one's; the scenery and weather named once stay; a subject that is
    named again ("the animals") keeps its number, colour and size.
    """
    readings: list[Reading] = []
    best_place, best_time = 0.0, 0.0
    for prompt in prompts:
        draft = _draft(prompt, negative)
        reading = draft.reading
        if readings:
            place_stays, time_stays = draft.place_strength < min(best_place, _STRONG), draft.time_strength < best_time
            reading = _continue_scene(reading, readings, place_stays=place_stays, time_stays=time_stays)
        best_place, best_time = max(best_place, draft.place_strength), max(best_time, draft.time_strength)
        readings.append(reading)
    return tuple(readings)


def _continue_scene(reading: Reading, before: Sequence[Reading], *, place_stays: bool, time_stays: bool) -> Reading:
    words, last = vocabulary("elements"), before[-1]
    known = {element.key: element for earlier in before for element in earlier.elements}
    own: dict[str, Element] = {}
    for named in reading.elements:
        key = next((key for key in words[named.key].get("refers_back_to", ()) if key in known), named.key)
        own.setdefault(key, _same_again(replace(named, key=key), known.get(key)))
    for key in [other for named in tuple(own) for other in words[named].get("brings_back", ())]:
        if key in known:
            own.setdefault(key, known[key])
    same_place = place_stays or reading.place == last.place
    scenery = [element for element in last.elements if element.key not in own and words[element.key]["kind"] == "scenery"]
    elements = (*own.values(), *(scenery if same_place else ()))
    elements = tuple(element for element in elements if element.key not in reading.removed)
    weather = tuple(dict.fromkeys((*reading.weather, *(last.weather if same_place else ()))))
    return replace(
        reading,
        place=last.place if place_stays else reading.place,
        time_of_day=last.time_of_day if time_stays else reading.time_of_day,
        weather=weather,
        elements=elements,
        mood_colours=reading.mood_colours or (last.mood_colours if same_place else ()),
        sounds=tuple(dict.fromkeys((*reading.sounds, *implied_sounds(elements, weather)))),
    )


def _same_again(element: Element, earlier: Element | None) -> Element:
    """A subject named again: what the later shot leaves unsaid stays as it was."""
    if earlier is None:
        return element
    unsaid = element.count in {1, vocabulary("numbers")["plural"]}
    scale = element.scale if element.scale != 1.0 else earlier.scale
    return replace(element, count=earlier.count if unsaid else element.count, colour=element.colour or earlier.colour, scale=scale)


def _draft(text: str, negative: str | None) -> _Draft:
    tokens = tokenise(text)
    camera = read_camera(tokens)
    mentions = find_mentions(tokens, taken=camera.tokens)
    denied = _denied(tokens)
    compared = _compared(tokens)
    said = tuple(mention for mention in mentions if mention.start not in denied | compared)
    refused = [mention for mention in mentions if mention.start in denied]
    found = read_elements(text, tokens, said)
    removed = _removed(tokens, found, refused, negative)
    place, place_strength = _place(tokens, said)
    time_of_day, time_strength = _time(said)
    elements = tuple(element for element, _ in found if element.key not in removed)
    weather = tuple(key for key in _keys(said, "weather") if key not in removed)
    framings = _framings(tokens, said, camera.tokens)
    told = {"place": place_strength, "time of day": time_strength, "framing": framings}
    reading = Reading(
        prompt=text,
        place=place,
        time_of_day=time_of_day,
        weather=weather,
        framing=next(iter(framings), "medium"),
        camera=camera.moves,
        elements=colour_the_subject(tokens, said, elements),
        sounds=tuple(key for key in _sounds(said, elements, weather) if key not in removed),
        mood_colours=read_mood_colours(tokens, said),
        removed=tuple(sorted(removed)),
        lens=next(iter(_keys(said, "lens")), None),
        speed=next(iter(_keys(said, "speed")), None),
        not_understood=not_understood(text, tokens, account_for(tokens, mentions, camera.tokens)),
        assumed=tuple(name for name, named in told.items() if not named),
    )
    return _Draft(reading=reading, place_strength=place_strength, time_strength=time_strength)


def account_for_words(text: str) -> tuple[WordUse, ...]:
    """What became of each word of a prompt, in order."""
    tokens = tokenise(text)
    camera = read_camera(tokens)
    return account_for(tokens, find_mentions(tokens, taken=camera.tokens), camera.tokens)


def _keys(mentions: Iterable[Mention], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for mention in mentions if (key := mention.key(kind)) is not None))


# --------------------------------------------------------------------------------------------- place, time, framing


def _place(tokens: tuple[Token, ...], mentions: tuple[Mention, ...]) -> tuple[str, float]:
    """The place with the most evidence, and how much; ``plain`` where there is none. Ties go to the first named."""
    scores: dict[str, float] = {}
    for order, mention in enumerate(mentions):
        for name, value in _place_evidence(tokens, mention, mentions[order + 1 : order + 2]):
            # What is named first sets the scene; what comes later happens in it.
            scores[name] = scores.get(name, 0.0) + value * (1.0 if order < 6 else 0.7)
    words = {token.word for token in tokens}
    for name, entry in vocabulary("places").items():
        if any(words.issuperset(group) for group in entry.get("together", ())):
            scores[name] = scores.get(name, 0.0) + 3 * _STRONG
    best = max(scores, key=lambda name: scores[name], default="plain")
    return best, scores.get(best, 0.0)


def _place_evidence(tokens: tuple[Token, ...], mention: Mention, following: tuple[Mention, ...]) -> Iterator[tuple[str, float]]:
    """The places that a mention speaks for, and how strongly."""
    grammar = vocabulary("grammar")
    clause = {token.word for token in tokens if token.clause == tokens[mention.start].clause}
    # "A hospital corridor" is a corridor: the first noun only says which. "A station hall" is a station all the same.
    heads = {name for other in following if other.start == mention.stop for name in other.keys("place")}
    only_says_which = bool(heads) and not any(heads & set(place_chain(name)) for name in mention.keys("place"))
    value = 0.3 if clause & set(grammar["distance_words"]) or only_says_which else 1.0
    before = {token.word for token in tokens[max(0, mention.start - 4) : mention.start]}
    for name in mention.keys("place"):
        yield name, _STRONG * value * (1.5 if before & set(grammar["place_prepositions"]) else 1.0)
    if mention.key("element") == "skyline" and before & set(grammar["inside_words"]):
        yield "hall", _STRONG
    head = mention.lemma.split()[-1]
    inner = find_mentions(tokenise(head)) if head != mention.lemma and not mention.key("place") else ()
    for each in (mention, *inner):
        for name in each.keys("place hint"):
            yield name, _HINT * value


def _time(mentions: tuple[Mention, ...]) -> tuple[str, float]:
    for kind, strength in (("time", _STRONG), ("time hint", _HINT)):
        named = _keys(mentions, kind)
        if named:
            # An aurora makes any night a polar one.
            return ("polar night" if "polar night" in named and "night" in named else named[0]), strength
    return DEFAULT_TIME, 0.0


def _framings(tokens: tuple[Token, ...], mentions: tuple[Mention, ...], camera: frozenset[int]) -> tuple[str, ...]:
    """Framings in the order of their weight: those of a phrase that speaks of the shot or the camera come first."""
    words = vocabulary("grammar")

    def speaks_of_camera(mention: Mention) -> bool:
        around = tokens[mention.start : mention.stop + 1]
        return _opens_clause(tokens, mention.start) or any(token.word in words["frame_words"] for token in around)

    named = [
        mention
        for mention in mentions
        # "Petals fall from above" says nothing of the camera; "seen from above" does.
        if mention.key("framing") and (mention.lemma not in words["also_of_things"] or speaks_of_camera(mention))
    ]
    keys = _keys(sorted(named, key=lambda mention: not speaks_of_camera(mention)), "framing")
    low = any(token.word == "low" and index + 1 in camera and index not in camera for index, token in enumerate(tokens))
    return ("low angle", *keys) if low else keys


def _opens_clause(tokens: tuple[Token, ...], index: int) -> bool:
    return index == 0 or tokens[index - 1].clause != tokens[index].clause


# --------------------------------------------------------------------------------------------- sounds, negation, the rest


def _sounds(mentions: tuple[Mention, ...], elements: tuple[Element, ...], weather: tuple[str, ...]) -> tuple[str, ...]:
    """The sounds that are named, then those that what is seen would make."""
    named = [key for mention in mentions for key in mention.keys("sound")]
    return tuple(dict.fromkeys((*named, *implied_sounds(elements, weather))))


def implied_sounds(elements: Iterable[Element], weather: Iterable[str]) -> tuple[str, ...]:
    """The sounds that what is seen would make, named or not."""
    seen = [sound for element in elements for sound in vocabulary("elements")[element.key].get("sounds", ())]
    return tuple(dict.fromkeys([*seen, *(sound for key in weather for sound in vocabulary("weather")[key].get("sounds", ()))]))


def _denied(tokens: tuple[Token, ...]) -> frozenset[int]:
    """Tokens behind a "no" or "without", up to the end of the clause or a "but"."""
    grammar = vocabulary("grammar")
    denied: set[int] = set()
    scope: int | None = None
    for index, token in enumerate(tokens):
        following = tokens[index + 1].word if index + 1 < len(tokens) else ""
        if scope != token.clause or token.word in ("but", "only", "just", "with"):
            scope = None
        if scope is not None:
            denied.add(index)
        if token.word in grammar["negations"] and (token.word not in grammar["negation_needs_of"] or following == "of"):
            scope = token.clause
    return frozenset(denied)


def _compared(tokens: tuple[Token, ...]) -> frozenset[int]:
    """Tokens of a comparison: "rising like an ancient gateway" asks for no gateway."""
    return frozenset(
        other
        for index, token in enumerate(tokens)
        if token.word in vocabulary("grammar")["comparisons"]
        for other in range(index + 1, min(index + 5, len(tokens)))
        if tokens[other].clause == token.clause
    )


def _removed(tokens: tuple[Token, ...], found: list[tuple[Element, str]], refused: list[Mention], negative: str | None) -> frozenset[str]:
    """Keys of what must not be seen or heard: denied in the prompt, or named by the negative prompt."""
    grammar = vocabulary("grammar")
    text = " ".join(token.word for token in tokens)
    keys = {key for key, words in grammar["removing_words"].items() if any(f" {word} " in f" {text} " for word in words)}
    negative_tokens = tokenise(negative or "")
    for mention in find_mentions(negative_tokens):
        clause = {token.word for token in negative_tokens if token.clause == negative_tokens[mention.start].clause}
        # "Deformed hands", "duplicate people" ask for quality, not for the absence of hands and people.
        if clause.isdisjoint(grammar["defects"]):
            refused.append(mention)
    named = {element.key: lemma for element, lemma in found}
    for mention in refused:
        for meaning in mention.meanings:
            # "Cars" in the negative prompt must not take away the "train" that shares their key.
            spares = meaning.kind == "element" and meaning.key in named and mention.lemma not in (named[meaning.key], meaning.key)
            if meaning.kind in ("element", "weather", "sound") and not spares:
                keys.add(meaning.key)
    return frozenset(keys)
