"""Camera moves out of a prompt's words: which move, which way, how fast, and from when to when in the shot.

Some phrases always mean the camera ("dolly forward", "tracking shot"). Others ("rises", "drifts closer") do so only where the
camera is the subject of the sentence; what a subordinate clause ("as the mech steps over …") does is not the camera's doing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from kling_post.generation.previz.contract import CameraMove
from kling_post.generation.previz.words import Token, verb_forms, vocabulary

_HOLD_SHARE = 0.25
"""How long, against a stage with a move, a shot rests on an opening that names none."""
_OVERLAP = 0.1
"""Share of the shot by which one move eases into the next."""


@dataclass(frozen=True, slots=True)
class CameraReading:
    """The moves, and which tokens spoke of the camera."""

    moves: tuple[CameraMove, ...]
    tokens: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    form: str
    needs_subject: bool
    kind: str
    direction: float


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    direction: float
    pace: float
    stage: int
    span: range


@cache
def _phrases() -> dict[str, tuple[_Phrase, ...]]:
    table: dict[str, list[_Phrase]] = {}
    for move in vocabulary("camera")["moves"]:
        for listed, needs_subject in ((move["phrases"], False), (move["after_camera"], True)):
            for phrase in listed:
                first, *rest = phrase.replace("-", " ").split()
                for spelled, form in verb_forms(first).items():
                    entry = _Phrase((spelled, *rest), form, needs_subject, move["kind"], float(move["direction"]))
                    table.setdefault(spelled, []).append(entry)
    return {first: tuple(sorted(entries, key=lambda entry: -len(entry.words))) for first, entries in table.items()}


@cache
def _paces() -> dict[str, float]:
    return {phrase: float(entry["pace"]) for entry in vocabulary("pace").values() for phrase in entry["phrases"]}


def read_camera(tokens: tuple[Token, ...]) -> CameraReading:
    """The camera moves of a prompt's tokens, in the order in which they begin."""
    stages, opens = _stages(tokens)
    active = _camera_is_subject(tokens)
    found: list[_Found] = []
    spoken: set[int] = set()
    position = 0
    while position < len(tokens):
        hit = _match(tokens, position, active)
        if hit is None:
            position += 1
            continue
        entry, span = hit
        kind, direction, span = _to_a_side(tokens, entry, span)
        spoken.update(span)
        found.append(_Found(kind, direction, _pace_near(tokens, span), stages[position], span))
        position = span.stop
    return CameraReading(_in_time(found, opens=opens), frozenset(spoken))


def _match(tokens: tuple[Token, ...], position: int, active: tuple[bool, ...]) -> tuple[_Phrase, range] | None:
    for entry in _phrases().get(tokens[position].word, ()):
        stop = _stop_of(tokens, position, entry.words)
        if stop is None or (position and tokens[position - 1].word in ("no", "without")):
            continue
        says_way = entry.form == "ing" and active[position] and entry.words[-1] in vocabulary("camera")["ways"]
        if not entry.needs_subject or says_way or _is_cameras_doing(tokens, position, entry.form, active):
            return entry, range(position, stop)
    return None


def _stop_of(tokens: tuple[Token, ...], position: int, words: tuple[str, ...]) -> int | None:
    """Where the phrase ends; words of pace may stand inside it: "cranes gently upward"."""
    at = position
    for wanted in words:
        while (
            at > position and at < len(tokens) and tokens[at].word != wanted and (tokens[at].word in _paces() or tokens[at].word == "and")
        ):
            at += 1
        if at >= len(tokens) or tokens[at].word != wanted or tokens[at].clause != tokens[position].clause:
            return None
        at += 1
    return at


def _to_a_side(tokens: tuple[Token, ...], entry: _Phrase, span: range) -> tuple[str, float, range]:
    """Turn a move by what follows it: "drifts to the left" is sideways, not ahead."""
    at = span.stop
    while at < len(tokens) and (tokens[at].word in _paces() or tokens[at].word in ("to", "the", "and")):
        at += 1
    side = vocabulary("camera")["sides"].get(tokens[at].word) if at < len(tokens) else None
    if side is None or tokens[at].clause != tokens[span.start].clause or entry.kind not in ("dolly", "truck", "pan", "orbit", "roll"):
        return entry.kind, entry.direction, span
    return ("truck" if entry.kind == "dolly" else entry.kind), float(side), range(span.start, at + 1)


def _camera_is_subject(tokens: tuple[Token, ...]) -> tuple[bool, ...]:
    """For each token, whether a verb that stands there is the camera's."""
    words = vocabulary("camera")
    active, had_camera, short_until = False, False, -1
    result: list[bool] = []
    for index, token in enumerate(tokens):
        if index and token.sentence != tokens[index - 1].sentence:
            active = had_camera = False
        following = tokens[index + 1].word if index + 1 < len(tokens) else ""
        if token.word in words["subjects"] and following not in words["footage_words"]:
            active = had_camera = True
        elif (token.word in words["subjects"] or token.word in words["near_subjects"]) and following != "of":
            short_until = index + 3
        elif token.word in words["other_subject"]:
            active, short_until = False, -1
        elif token.word in words["next"] and had_camera:
            active = True
        result.append(active or index <= short_until)
    return tuple(result)


def _is_cameras_doing(tokens: tuple[Token, ...], position: int, form: str, active: tuple[bool, ...]) -> bool:
    """Whether an ambiguous verb belongs to the camera: its form, and what stands before it, tell."""
    before = position - 1
    paced = False
    while before >= 0 and tokens[before].word in _paces() and tokens[before].clause == tokens[position].clause:
        before, paced = before - 1, True
    starts_clause = before < 0 or tokens[before].clause != tokens[position].clause
    if not active[position]:
        # "Slow orbit around a car": a move as a noun, at the head of its clause; "orbit": a tag that is nothing else.
        alone = position + 1 == len(tokens) or tokens[position + 1].clause != tokens[position].clause
        return form == "base" and starts_clause and (paced or alone)
    if form == "third":
        return True
    words = vocabulary("camera")
    subjects = (*words["subjects"], *words["near_subjects"], *words["footage_words"])
    if form == "past":
        return False
    if starts_clause or tokens[before].word in subjects:
        return True
    # "Begins to rise" is a move; "pans to follow them" says what the pan is for.
    begins_to = tokens[before].word == "to" and before > 0 and tokens[before - 1].word in words["opening"]
    return form == "base" and (begins_to or tokens[before].word in ("and", "then"))


def _pace_near(tokens: tuple[Token, ...], span: range) -> float:
    """The word of pace in, right before, or right after the phrase; 1 where there is none."""
    paces = _paces()
    first, last = span.start, span.stop
    while first > 0 and tokens[first - 1].clause == tokens[span.start].clause and span.start - first < 3:
        first -= 1
        if tokens[first].word in vocabulary("camera")["other_subject"]:
            break
    last = min(len(tokens), last + 1)
    words = [token.word for token in tokens[first:last] if token.clause == tokens[span.start].clause]
    pairs = [f"{left} {right}" for left, right in pairwise(words)]
    return next((paces[word] for word in (*pairs, *words) if word in paces), 1.0)


def _stages(tokens: tuple[Token, ...]) -> tuple[tuple[int, ...], bool]:
    """The stage of the shot that each token speaks of, and whether the camera is said to *begin* somewhere."""
    words = vocabulary("camera")
    stage, opens, seen_camera = 0, False, False
    result: list[int] = []
    for index, token in enumerate(tokens):
        seen_camera = seen_camera or token.word in words["subjects"]
        nearby = {other.word for other in tokens[max(0, index - 3) : index]}
        opens = opens or (token.word in words["opening"] and bool(nearby & {"camera", "shot", "view", "drone"}))
        if token.word in words["next"] and seen_camera:
            stage += 1
        result.append(stage)
    return tuple(result), opens


def _in_time(found: list[_Found], *, opens: bool) -> tuple[CameraMove, ...]:
    """Share the shot among the stages that move, with a hold before them where the prompt opens on a view."""
    unique: dict[tuple[str, float, int], _Found] = {}
    for move in found:
        known = unique.get((move.kind, move.direction, move.stage))
        if known is None or known.pace == 1.0:
            unique[move.kind, move.direction, move.stage] = replace(
                move, pace=move.pace if known is None or move.pace != 1.0 else known.pace
            )
    moving = [move for move in unique.values() if move.kind != "static" or len(unique) == 1]
    stages = sorted({move.stage for move in moving})
    holds = opens and bool(stages) and stages[0] > 0
    total = len(stages) + (_HOLD_SHARE if holds else 0.0)
    return tuple(
        CameraMove(kind=move.kind, direction=move.direction, pace=move.pace, begins=begins, ends=ends)
        for move in moving
        for begins, ends in [_span(stages.index(move.stage), len(stages), total, _HOLD_SHARE if holds else 0.0)]
    )


def _span(order: int, stages: int, total: float, hold: float) -> tuple[float, float]:
    begins, ends = (order + hold) / total, (order + 1 + hold) / total
    if order:
        begins -= _OVERLAP / 2
    if order + 1 < stages:
        ends += _OVERLAP / 2
    return round(begins, 3), round(min(1.0, ends), 3)


def describe_moves(moves: tuple[CameraMove, ...]) -> Iterator[str]:
    """Each move as the trade says it: ``dolly in, slow``, ``crane up``."""
    ways = {
        "dolly": ("in", "out"),
        "truck": ("right", "left"),
        "crane": ("up", "down"),
        "pan": ("right", "left"),
        "tilt": ("up", "down"),
        "orbit": ("right", "left"),
        "zoom": ("in", "out"),
        "roll": ("clockwise", "anticlockwise"),
    }
    for move in moves:
        way = ways[move.kind][0 if move.direction > 0 else 1] if move.kind in ways else ""
        speed = "" if move.pace == 1.0 else ", slow" if move.pace < 1 else ", fast"
        yield f"{move.kind} {way}".strip() + speed
