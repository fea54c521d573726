"""Makes the weights of the tagger: ``python -m training.names.train --data FOLDER --out FILE``.

The same data, packages and seed give the same file on the same kind of processor (one thread; see README.md).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F  # noqa: N812

from training.names import lists
from training.names.alphabet import letters
from training.names.corpora import GENERATED, Document, training
from training.names.export import export, gated, known_rows
from training.names.generate import Generator
from training.names.model import Model, Shape
from training.names.pools import Pools, pools
from training.names.programs import programs
from training.names.streams import IGNORED, Lexicon, Stream, labels, lexicon, stream
from training.names.talks import talks
from training.names.templates import STRINGS, TALK
from troth.detect.names.letters import Letters
from troth.detect.names.spans import TAGS
from troth.detect.names.weights import pack

ROW = 128
"""Words in a row of a batch."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the weights are made."""

    seed: int = 1
    rounds: int = 15
    generated: int = 10000
    """Texts made anew for each round."""
    last_rounds: int = 3
    """Rounds at the end, slower, in which conversations and programs stand among the texts."""
    talks: int = 6
    """How often each template of the conversations is filled in each of the last rounds."""
    shorts: int = 600
    """Short texts of talk, and as many of programs, in each of the last rounds."""
    pieces: int = 500
    """Pieces of programs drawn for each of the last rounds."""
    batch: int = 16
    rate: float = 2e-3
    last_rate: float = 3e-4
    decay: float = 0.01
    renamed: float = 0.3
    """The part of the documents that get other names in each round."""
    forgotten: float = 0.2
    """The part of the known words that count as unknown, so that unknown words are learned too."""
    least: int = 3
    """How often a word stands in the corpora to be known."""
    steady: float = 0.998
    """The weights that are kept are a running mean; this is how much of it stays at each step."""
    caution: float = 0.1
    shut: float = 0.06
    """The part of the words of names that the gate keeps out unless it lets in both neighbours."""
    gate: float = 0.2


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of single words, and what generated texts draw from."""

    marks: dict[str, int]
    """In which lists a word in small letters stands (`lists.marks`)."""
    pools: Pools
    plain: list[str]
    """Common words in small letters."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the training stands on."""

    documents: list[Document]
    marks: dict[str, int]
    letters: Letters
    lists: Lexicon
    known: npt.NDArray[np.uint32]
    numbers: dict[str, int]
    words: int


def ground(documents: Sequence[Document], marks: dict[str, int], generator: Generator, plan: Plan) -> Ground:
    """The tables, lists and known words."""
    table = letters()
    found = lexicon(marks, table)
    own, size = _frequent(stream(documents, table, found), plan.least)
    made = [generator.text() for _ in range(plan.generated)]
    common, more = _frequent(stream(made, table, found), max(25, plan.generated // 320))
    names = sorted({document.corpus for document in documents} | {GENERATED})
    return Ground(
        list(documents),
        marks,
        table,
        found,
        np.union1d(own, common),
        {n: i for i, n in enumerate(names)},
        size + more,
    )


def _frequent(row: Stream, least: int) -> tuple[npt.NDArray[np.uint32], int]:
    counts = np.bincount(row.at, minlength=len(row.keys))
    keys, at = np.unique(row.keys, return_inverse=True)
    return keys[np.bincount(at, weights=counts) >= least], len(row.at)


def train(base: Ground, generator: Generator, plan: Plan, shape: Shape) -> Model:
    """The model, trained."""
    model = Model(shape, len(base.known), len(base.numbers))
    mean = Model(shape, len(base.known), len(base.numbers))
    mean.load_state_dict(model.state_dict())
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=plan.decay)
    length = base.words // (ROW * plan.batch) + 1
    step, began = 0, time.monotonic()
    for number in range(plan.rounds + plan.last_rounds):
        last = number >= plan.rounds
        row, tags, corpus = _round(base, generator, plan, last)
        total = torch.zeros(())
        for rows in _batches(len(row.at), plan.batch):
            for group in optimiser.param_groups:
                group["lr"] = _rate(plan, step, length, last)
            step += 1
            total += _step(model, optimiser, base, row, tags[rows], corpus[rows], row.at[rows], plan)
            with torch.no_grad():
                kept = min(plan.steady, step / (step + 10))
                for old, new in zip(mean.parameters(), model.parameters(), strict=True):
                    old.lerp_(new, 1 - kept)
        loss = total.item() * plan.batch * ROW / len(row.at)
        print(
            f"round {number + 1}: loss {loss:.4f}, {time.monotonic() - began:.0f} s",
            file=sys.stderr,
            flush=True,
        )
    return mean.eval()


def _rate(plan: Plan, step: int, length: int, last: bool) -> float:
    """How fast it learns at a step: ever slower, and slow in the last rounds. A round has ``length`` steps."""
    steps = plan.rounds * length
    if last:
        return plan.last_rate * max(0.05, 1 - (step - steps) / (plan.last_rounds * length))
    return plan.rate * min(1, step / 100) * max(0.02, 1 - step / steps)


def _round(
    base: Ground, generator: Generator, plan: Plan, last: bool
) -> tuple[Stream, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    draw = generator.draw
    documents = [generator.renamed(d) if draw.random() < plan.renamed else d for d in base.documents]
    documents = [generator.recased(document, 0.1, 0.04) for document in documents]
    documents += [generator.text() for _ in range(plan.generated)]
    if last:
        documents += _more(base, generator, plan)
    draw.shuffle(documents)
    row = stream(documents, base.letters, base.lists)
    tags, corpus = labels(row, documents, base.numbers)
    return row, tags, corpus


def _more(base: Ground, generator: Generator, plan: Plan) -> list[Document]:
    """What stands among the texts of the last rounds."""
    draw = generator.draw
    documents = [generator.recased(turn, 0.15, 0.03) for turn in talks(draw.randrange(1 << 32), plan.talks)]
    for templates in (TALK, STRINGS):
        documents += [generator.fill(draw.choice(templates)) for _ in range(plan.shorts)]
    return documents + programs(draw, plan.pieces, base.marks)


def _batches(words: int, size: int) -> list[npt.NDArray[np.int64]]:
    """Places of words: rows in any order, the last words of the stream left out."""
    order = np.random.permutation(words // ROW)
    places = np.arange(ROW)
    return [order[start : start + size, None] * ROW + places for start in range(0, len(order), size)]


def _step(
    model: Model,
    optimiser: torch.optim.Optimizer,
    base: Ground,
    row: Stream,
    tags: npt.NDArray[np.int64],
    corpus: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    plan: Plan,
) -> torch.Tensor:
    model.train()
    used, inverse = np.unique(at, return_inverse=True)
    places = torch.tensor(inverse.reshape(at.shape))
    known = known_rows(row.keys[used], base.known)
    known[torch.rand(len(known)) < plan.forgotten] = 0
    bits = torch.tensor(row.bits[used])
    bits = bits * (torch.rand(len(used), 1) > 0.1) * (torch.rand(bits.shape) > 0.05)
    forms = model.forms(known, torch.tensor(row.features[used], dtype=torch.long), bits)
    wanted = torch.tensor(tags)
    scores = model(forms, places) + model.corpus(torch.tensor(corpus))
    loss = F.cross_entropy(
        scores.reshape(-1, TAGS), wanted.reshape(-1), ignore_index=IGNORED, label_smoothing=0.01
    )
    counted = wanted != IGNORED
    opened = model.gate(forms)[:, 0][places][counted]
    gate = F.binary_cross_entropy_with_logits(opened, (wanted[counted] > 0).float())
    optimiser.zero_grad(set_to_none=True)
    (loss + plan.gate * gate).backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimiser.step()
    return loss.detach()


def make(documents: Sequence[Document], words: Vocabulary, plan: Plan, shape: Shape) -> bytes:
    """The bytes of the file of weights."""
    torch.manual_seed(plan.seed)
    np.random.seed(plan.seed)
    torch.set_num_threads(1)
    generator = Generator(words.pools, words.plain, plan.seed)
    base = ground(documents, words.marks, generator, plan)
    print(f"{base.words} words a round, {len(base.known)} known", file=sys.stderr)
    model = train(base, generator, plan, shape)
    sample = random.Random(plan.seed).sample(base.documents, min(len(base.documents), 8000))
    row = stream(sample, base.letters, base.lists)
    weights = export(model, base.known, base.lists, base.letters, row, plan.caution)
    return pack(gated(weights, row.codes, plan.shut))


def main() -> None:
    """Make the weights."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--data", type=Path, required=True, help="folder of the labelled corpora")
    ask.add_argument("--out", type=Path, required=True, help="where the weights go")
    ask.add_argument("--seed", type=int, default=Plan().seed)
    ask.add_argument("--rounds", type=int, default=Plan().rounds)
    ask.add_argument("--near", type=int, default=Shape().near)
    ask.add_argument("--far", type=int, default=Shape().far)
    ask.add_argument("--far-reach", type=int, default=Shape().far_reach)
    ask.add_argument(
        "--leave-out", default="", help="corpora not to train on, with commas, to see how others do"
    )
    chosen = ask.parse_args()
    left_out = chosen.leave_out.split(",")
    documents = [document for document in training(chosen.data) if document.corpus not in left_out]
    shape = Shape(near=chosen.near, far=chosen.far, far_reach=chosen.far_reach)
    words = Vocabulary(lists.marks(), pools(), lists.plain_words())
    data = make(documents, words, Plan(seed=chosen.seed, rounds=chosen.rounds), shape)
    chosen.out.write_bytes(data)
    print(f"sha256:{hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
