"""Grades the prompt reader of the previz on a hundred written-out prompts: precision and recall by category, and the share of words read.

    python scripts/grade_prompts.py tuning
    python scripts/grade_prompts.py "held back"
    python scripts/grade_prompts.py tuning --mistakes place subjects
    python scripts/grade_prompts.py --words prompts.txt        # any prompts of your own, one a line: only the share of words read

What a person reads in each prompt stands in ``tests/generation/previz/graded_prompts.json``; it was written before the reader saw them.
The words of one half were added to the vocabulary; the other half shows what a prompt meets that nobody prepared for.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.reading import account_for_words, implied_sounds, read_prompt
from kling_post.generation.previz.words import plural, tokenise, vocabulary

PROMPTS = Path(__file__).parents[1] / "tests" / "generation" / "previz" / "graded_prompts.json"
_LIVING = {"person": "person", "animal": "animal", "vehicle": "vehicle", "machine": "machine"}


@dataclass(slots=True)
class Score:
    """Hits, misses and false alarms of one category."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    mistakes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of what the reader says that is so."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        """Share of what is so that the reader says."""
        return self.right / max(self.right + self.missed, 1)


@dataclass(slots=True)
class Grade:
    """The score of every category, and what became of the words."""

    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    words: Counter[str] = field(default_factory=Counter)

    @property
    def understood(self) -> float:
        """Share of the content words (all but filler) that decide something or are recognised."""
        return (self.words["used"] + self.words["recognised"]) / max(self.words.total() - self.words["filler"], 1)

    def compare(self, category: str, prompt: str, expected: Iterable[str], found: Iterable[str]) -> None:
        """Count what is expected against what is found; ``a|b`` takes either, ``?`` is neither right nor wrong."""
        score, open_found = self.scores[category], list(found)
        for want in expected:
            choices = [choice.strip("?") for choice in want.split("|")]
            hit = next((one for one in open_found if one in choices), None)
            if hit is not None:
                open_found.remove(hit)
            if "?" in want:
                continue
            if hit is not None:
                score.right += 1
            else:
                score.missed += 1
                score.mistakes.append(f"missed {want!r}: {prompt}")
        score.wrong += len(open_found)
        score.mistakes += [f"wrong {one!r}: {prompt}" for one in open_found]


def load(half: str) -> list[dict[str, Any]]:
    """The prompts of one half, or of both ("all")."""
    prompts: list[dict[str, Any]] = json.loads(PROMPTS.read_text(encoding="utf-8"))["prompts"]
    return [entry for entry in prompts if half in ("all", entry["half"])]


def grade(entries: Iterable[Mapping[str, Any]]) -> Grade:
    """Read each prompt and compare."""
    result = Grade()
    for entry in entries:
        prompt = entry["prompt"]
        removed = entry.get("removed", [])
        reading = read_prompt(prompt, entry.get("negative"))
        _grade_scene(result, entry, reading, removed)
        moves = [f"{move.kind}{'+' if move.direction > 0 else '-' if move.direction < 0 else ''}" for move in reading.camera]
        result.compare("camera move", prompt, [_move(want) for want in entry["camera"]], moves)
        _grade_pace(result, entry, reading)
        _grade_subjects(result, entry, read_prompt(prompt))
        named = [sound for sound in reading.sounds if sound not in implied_sounds(reading.elements, reading.weather)]
        kept = [sound for sound in entry["sounds"] if sound not in removed]
        heard = [*named, *(sound for sound in reading.sounds if sound not in named and any(sound in want.split("|") for want in kept))]
        result.compare("sounds", prompt, kept, heard)
        if "negative" in entry:
            present = {element.key for element in reading.elements} | set(reading.weather) | set(reading.sounds)
            result.compare("taken out", prompt, removed, [key for key in removed if key not in present and key in reading.removed])
        result.words.update(use.use for use in account_for_words(prompt))
    return result


def _grade_scene(result: Grade, entry: Mapping[str, Any], reading: Reading, removed: list[str]) -> None:
    prompt = entry["prompt"]
    said = {
        "place": None if "place" in reading.assumed else reading.place,
        "time": None if "time of day" in reading.assumed else reading.time_of_day,
        "framing": None if "framing" in reading.assumed else reading.framing,
        "lens": reading.lens,
        "speed": reading.speed,
    }
    for category, value in said.items():
        result.compare(category, prompt, [entry[category]] if entry[category] else [], [value] if value else [])
    result.compare("weather", prompt, [one for one in entry["weather"] if one not in removed], reading.weather)
    colours = [element.colour for element in reading.elements if element.colour]
    result.compare("colours", prompt, entry["colours"], dict.fromkeys([*colours, *reading.mood_colours]))


def _move(want: str) -> str:
    return want.replace(" slow?", "").replace(" fast?", "").replace(" slow", "").replace(" fast", "").strip()


def _grade_pace(result: Grade, entry: Mapping[str, Any], reading: Reading) -> None:
    wanted = {_move(want).rstrip("?+-"): want for want in entry["camera"]}
    for move in reading.camera:
        want = wanted.get(move.kind)
        if want is None or move.kind in ("static", "handheld") or want.endswith(("slow?", "fast?")):
            continue
        expected = "slow" if "slow" in want else "fast" if "fast" in want else "unsaid"
        found = "slow" if move.pace < 1 else "fast" if move.pace > 1 else "unsaid"
        result.compare("camera pace", entry["prompt"], [expected], [found])


def _grade_subjects(result: Grade, entry: Mapping[str, Any], reading: Reading) -> None:
    """Nouns against the words that the reader took for things; a living thing and a vehicle must be of its kind."""
    kinds = vocabulary("elements")
    uses = account_for_words(entry["prompt"])
    taken: dict[str, list[str]] = defaultdict(list)
    for use in uses:
        for kind, key in use.kinds:
            if kind == "element":
                taken[use.word].append(key)
    expected: list[str] = []
    found: list[str] = []
    phrase_words: set[str] = set()
    for want in entry["subjects"]:
        noun, _, kind = want.strip("?").partition(":")
        last = tokenise(noun)[-1].word
        keys = taken.get(last) or taken.get(plural(last)) or []
        expected.append(want.partition(":")[0] if want.startswith("?") else noun)
        if any(_LIVING.get(kinds[key]["kind"], "") == kind for key in keys) or (keys and not kind):
            found.append(noun)
        phrase_words.update(token.word for token in tokenise(noun))
    expected_words = phrase_words | {plural(word) for word in phrase_words}
    # A phrase of several words ("paper cranes") is one thing; what also names the place is neither right nor wrong.
    false = [
        use.word
        for index, use in enumerate(uses)
        if _is_last_of_thing(uses, index) and use.word not in expected_words and not _names_place(use.kinds)
    ]
    result.compare("subjects", entry["prompt"], expected, [*found, *false])
    for category, wants in (("colour of a thing", entry["bound"]), ("number of a thing", entry["counts"])):
        for noun, value in wants.items():
            last = tokenise(noun)[-1].word
            elements = [element for key in taken.get(last, []) if (element := reading.element(key)) is not None]
            values = {element.colour if category == "colour of a thing" else _roughly(element.count, value) for element in elements}
            result.compare(category, entry["prompt"], [f"{noun} {value}"], [f"{noun} {value}"] if value in values else [])


def _is_last_of_thing(uses: tuple[Any, ...], index: int) -> bool:
    keys = {key for kind, key in uses[index].kinds if kind == "element"}
    after = {key for kind, key in uses[index + 1].kinds if kind == "element"} if index + 1 < len(uses) else set()
    return bool(keys) and not keys & after and vocabulary("elements")[next(iter(keys))]["kind"] != "body"


def _names_place(kinds: Iterable[tuple[str, str]]) -> bool:
    return any(kind in ("place", "weather", "sound", "framing", "time") for kind, _ in kinds)


def _roughly(count: int, wanted: int) -> int:
    """Many are many: from ten on, half and double are the same."""
    return wanted if count == wanted or (wanted >= 10 and count >= 10) else count


def _shares(words: Counter[str]) -> str:
    content = words.total() - words["filler"]
    return f"{content} content words: " + ", ".join(f"{words[use] / content:.1%} {use}" for use in ("used", "recognised", "not understood"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("half", nargs="?", default="all", choices=("tuning", "held back", "all"))
    parser.add_argument("--words", type=Path, metavar="FILE", help="prompts of your own, one a line, without expectations")
    parser.add_argument("--mistakes", nargs="*", default=[], metavar="CATEGORY", help="print each mistake of these categories")
    parser.add_argument("--unread", action="store_true", help="print the words that were not understood, and those only recognised")
    chosen = parser.parse_args()
    if chosen.words:
        prompts = [line for line in chosen.words.read_text(encoding="utf-8").splitlines() if line.strip()]
        print(f"{len(prompts)} prompts: {_shares(Counter(use.use for prompt in prompts for use in account_for_words(prompt)))}")
        return
    entries = load(chosen.half)
    result = grade(entries)
    print(f"{len(entries)} prompts, {chosen.half}\n\n| what | named | precision | recall |\n|---|---|---|---|")
    for category, score in result.scores.items():
        print(f"| {category} | {score.right + score.missed} | {score.precision:.0%} | {score.recall:.0%} |")
    content = result.words.total() - result.words["filler"]
    print(
        f"\n{content} content words: "
        + ", ".join(f"{result.words[use] / content:.1%} {use}" for use in ("used", "recognised", "not understood"))
    )
    for category in chosen.mistakes:
        print(f"\n{category}", *result.scores[category].mistakes, sep="\n  ")
    if chosen.unread:
        for use in ("not understood", "recognised"):
            words = Counter(one.word for entry in entries for one in account_for_words(entry["prompt"]) if one.use == use)
            print(f"\n{use}: " + " ".join(word if times == 1 else f"{word}*{times}" for word, times in words.most_common()))


if __name__ == "__main__":
    main()
