"""The network while it learns, in PyTorch; `troth.detect.names.network` is the same in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from troth.detect.names.forms import FAMILIES
from troth.detect.names.spans import TAGS


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the layers and how far they look."""

    spelling: int = 64
    word: int = 64
    near: int = 128
    far: int = 128
    near_reach: int = 3
    far_reach: int = 2
    drop: float = 0.3


class Model(nn.Module):
    """From forms of words to tags."""

    def __init__(self, shape: Shape, known: int, corpora: int) -> None:
        super().__init__()
        self.known = nn.Embedding(known + 1, shape.spelling)
        self.features = nn.Embedding(sum(FAMILIES), shape.spelling)
        self.lists = nn.Linear(64, shape.spelling)
        nn.init.normal_(self.known.weight, 0, 0.1)
        nn.init.normal_(self.features.weight, 0, 0.1)
        self.word = nn.Linear(shape.spelling, shape.word)
        self.gate = nn.Linear(shape.word, 1)
        self.near = nn.Conv1d(shape.word, shape.near, 2 * shape.near_reach + 1, padding=shape.near_reach)
        self.far = nn.Conv1d(shape.near, shape.far, 2 * shape.far_reach + 1, padding=shape.far_reach)
        self.out = nn.Linear(shape.near + shape.far, TAGS)
        self.corpus = nn.Embedding(corpora, TAGS)
        nn.init.zeros_(self.corpus.weight)
        self.drop = shape.drop

    def forms(self, known: Tensor, features: Tensor, bits: Tensor) -> Tensor:
        """What is known of single words."""
        sums = self.known(known) + self.features(features).sum(1) + self.lists(bits)
        return F.relu(self.word(F.dropout(F.relu(sums), self.drop / 2, self.training)))

    def layers(self, forms: Tensor, at: Tensor) -> tuple[Tensor, Tensor]:
        """The two layers over neighbours, for rows of words."""
        words = F.dropout(forms[at], self.drop, self.training).transpose(1, 2)
        near = F.dropout(F.relu(self.near(words)), self.drop, self.training)
        return near, F.dropout(F.relu(self.far(near)), self.drop, self.training)

    def forward(self, forms: Tensor, at: Tensor) -> Tensor:
        """How much speaks for each tag of each word."""
        tags: Tensor = self.out(torch.cat(self.layers(forms, at), 1).transpose(1, 2))
        return tags
