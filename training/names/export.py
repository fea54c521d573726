"""From the trained model to the file of weights: whole numbers, with room for what the training texts reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.names.model import Model
from training.names.quantise import TOP, eight_bits, layer, reach
from training.names.streams import Lexicon, Stream
from troth.detect.names.letters import Codes, Letters
from troth.detect.names.links import in_links
from troth.detect.names.looked_at import around_of
from troth.detect.names.network import SHUT, Network
from troth.detect.names.weights import Weights
from troth.detect.names.words import words_of

Floats = npt.NDArray[np.float64]

_REACHED = 0.9997
"""The part of the answers of a layer that are not cut off."""
_STEPS = 12.0
"""Steps of the table of confidences for one unit of the logarithm of the odds."""


def known_rows(keys: npt.NDArray[np.uint32], known: npt.NDArray[np.uint32]) -> Tensor:
    """1 + the place of each key among those known, or 0."""
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return torch.tensor(np.where(known[place] == keys, place + 1, 0))


def export(
    model: Model,
    known: npt.NDArray[np.uint32],
    lists: Lexicon,
    letters: Letters,
    sample: Stream,
    caution: float,
) -> Weights:
    """The weights. ``caution`` is what none gets on top, as a logarithm; the gate is still to be set (`gated`)."""
    tops = _tops(model, known, sample)
    tables = [_array(t) for t in (model.known.weight, model.features.weight, model.lists.weight.T)]
    unit = max(float(np.quantile(np.abs(table), 0.9999)) for table in tables) / TOP
    spelling = unit * TOP / tops[0]
    first = np.rint(_array(model.lists.bias) / unit + 0.5 / spelling)
    word, word_bias, word_factor = layer(
        _array(model.word.weight).T, _array(model.word.bias), tops[0] / TOP, tops[1]
    )
    near = _array(model.near.weight).transpose(2, 1, 0)
    near_matrix, near_bias, near_factor = layer(
        near.reshape(-1, near.shape[2]), _array(model.near.bias), tops[1] / TOP, tops[2]
    )
    far = _array(model.far.weight).transpose(2, 1, 0)
    far_matrix, far_bias, far_factor = layer(
        far.reshape(-1, far.shape[2]), _array(model.far.bias), tops[2] / TOP, tops[3]
    )
    out = (
        _array(model.out.weight).T
        * np.repeat([tops[2] / TOP, tops[3] / TOP], [near.shape[2], far.shape[2]])[:, None]
    )
    out_unit = reach(out)
    out_bias = _array(model.out.bias) + _array(model.corpus.weight).mean(0)
    out_bias[0] += caution
    gate = _array(model.gate.weight)[0] * tops[1] / TOP
    gate_unit = reach(gate)
    gate_bias = np.rint(_array(model.gate.bias) / gate_unit)
    masks, listed_as = np.unique(lists.masks, return_inverse=True)
    if len(masks) >= 1 << 16:
        raise ValueError("there are too many sets of lists")
    odds = np.arange(TOP + 1) / _STEPS
    return Weights(
        kind=letters.kind,
        fold=letters.fold,
        known=known,
        listed=lists.keys,
        listed_as=listed_as.astype(np.uint16),
        lists=masks,
        known_rows=eight_bits(tables[0], unit),
        feature_rows=eight_bits(tables[1], unit),
        list_rows=eight_bits(tables[2], unit),
        word=word,
        gate=eight_bits(gate, gate_unit),
        near=near_matrix.reshape(near.shape),
        far=far_matrix.reshape(far.shape),
        out=eight_bits(out, out_unit),
        bias=np.concatenate(
            [first, word_bias, gate_bias, near_bias, far_bias, np.rint(out_bias / out_unit)]
        ).astype(np.int32),
        scale=np.array([spelling, word_factor, near_factor, far_factor, out_unit * _STEPS], np.float32),
        confidence=np.clip(np.rint(100 / (1 + np.exp(-odds))), 0, 99).astype(np.uint8),
    )


def gated(weights: Weights, codes: Codes, shut: float) -> Weights:
    """The weights with the gate set so that it shuts out this part of the words of names in a sample.

    Words between two that pass are looked at too, so that far fewer names are lost.
    """
    network = Network.of(weights)
    met = network.met(len(codes))
    words = words_of(codes, network.letters, met.forms)
    network.describe(met)
    gate = met.gate[words.at]
    places = np.flatnonzero((gate > SHUT) & ~in_links(codes, words)).astype(np.int32)
    look = around_of(places, len(words.at), network.far_reach)
    named = places[network.tags(met, words.at, look).argmax(axis=1) > 0]
    if not len(named):
        raise ValueError("the network has learned no names")
    passing = np.quantile(gate[named], shut, method="lower")
    bias = weights.bias.copy()
    bias[sum(weights.word.shape)] += 1 - int(passing)
    return replace(weights, bias=bias)


def _array(tensor: Tensor | None) -> Floats:
    assert tensor is not None, "every layer has a bias"
    return tensor.detach().numpy().astype(np.float64)


def _tops(model: Model, known: npt.NDArray[np.uint32], sample: Stream) -> list[float]:
    """How high the answers of each layer reach on a sample."""
    model.eval()
    with torch.no_grad():
        rows = known_rows(sample.keys, known)
        features, bits = torch.tensor(sample.features, dtype=torch.long), torch.tensor(sample.bits)
        sums = torch.relu(model.known(rows) + model.features(features).sum(1) + model.lists(bits))
        forms = model.forms(rows, features, bits)
        near, far = model.layers(forms, torch.tensor(sample.at)[None])
    return [float(np.quantile(answer.numpy(), _REACHED)) for answer in (sums, forms, near, far)]
