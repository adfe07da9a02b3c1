# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Prefix beam search over CTC probabilities (Hannun 2014), with hinted words and a limited vocabulary."""

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains.speech.decoding import Emission, Hypothesis
from argosy_worker.domains.speech.hearing import LogProbabilities
from argosy_worker.domains.speech.hints import Hints, Place
from argosy_worker.domains.speech.lexicon import Lexicon, Node

_NEVER = -np.inf
#: A step whose blank is more probable than this adds no token, which most steps are spared for.
_SURELY_BLANK = float(np.log(0.999))


class _Prefix:
    """A beginning of a transcript: its last token, and what came before."""

    __slots__ = ("emission", "gains", "node", "parent", "place")

    def __init__(
        self, parent: "_Prefix | None", emission: Emission, hints: Hints | None, place: Place | None, node: Node | None
    ) -> None:
        self.parent, self.emission = parent, emission
        self.place, self.node = place, node
        gains = hints.gains(place) if hints and place else None
        if node is not None:
            gains = node.allowed if gains is None else gains + node.allowed
        self.gains: NDArray[np.float64] | None = gains
        """What each further token is given; None where there is neither hint nor vocabulary."""

    def emissions(self) -> list[Emission]:
        """All tokens in order."""
        found: list[Emission] = []
        prefix: _Prefix | None = self
        while prefix is not None and prefix.parent is not None:
            found.append(prefix.emission)
            prefix = prefix.parent
        return found[::-1]


class Beam:
    """Keeps the most probable prefixes; each is the sum over all ways to align it with the steps.

    A prefix is kept with two probabilities, of the ways that end in a blank and of those that end in its last token:
    only after a blank can the same token follow once more.
    """

    def __init__(self, blank: int, width: int, hints: Hints | None = None, lexicon: Lexicon | None = None) -> None:
        self._blank, self._width, self._hints, self._lexicon = blank, width, hints, lexicon
        start, root_node = hints.start if hints else None, lexicon.root if lexicon else None
        root = _Prefix(None, Emission(-1, 0, 0.0), hints, start, root_node)
        self._prefixes = [root]
        self._last = np.array([-1])
        self._with_blank, self._with_token = np.array([0.0]), np.array([_NEVER])
        self._step = 0

    def advance(self, log_probabilities: LogProbabilities) -> None:
        """Takes further steps, [steps, tokens]."""
        for row in log_probabilities:
            self._take(row)
            self._step += 1

    def best(self) -> list[Hypothesis]:
        """The kept transcripts, best first; a word that is cut short loses what it was given for the whole.

        Those that end within a word of the vocabulary are left out, unless all do.
        """
        scores = np.logaddexp(self._with_blank, self._with_token)
        if self._hints is not None and self._hints.delimiter is not None:
            scores = scores + [self._hints.at_end(one.place) if one.place else 0.0 for one in self._prefixes]
        if self._lexicon is not None:
            complete = np.array([one.node is None or one.node.complete for one in self._prefixes])
            scores = np.where(complete, scores, _NEVER) if complete.any() else scores
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] > _NEVER]
        return [Hypothesis(self._prefixes[place].emissions(), float(scores[place])) for place in order]

    def _take(self, row: NDArray[np.float64]) -> None:
        prefixes, last = self._prefixes, self._last
        total = np.logaddexp(self._with_blank, self._with_token)
        stay_blank = total + row[self._blank]
        held = np.where(last >= 0, row[last], _NEVER)
        stay_token = self._with_token + held
        if row[self._blank] > _SURELY_BLANK and self._hints is None:
            self._with_blank, self._with_token = stay_blank, stay_token
            return
        self._note_peaks(row)
        longer = total[:, None] + row
        again = np.flatnonzero(last >= 0)
        longer[again, last[again]] = self._with_blank[again] + row[last[again]]
        longer[:, self._blank] = _NEVER
        if self._hints is not None or self._lexicon is not None:
            longer += np.stack([one.gains for one in prefixes if one.gains is not None])
        self._join(stay_blank, stay_token, longer, row)
        scores = np.concatenate([np.logaddexp(stay_blank, stay_token), longer.ravel()])
        width = min(self._width, len(scores))
        chosen = np.argpartition(-scores, width - 1)[:width]
        chosen = chosen[scores[chosen] > _NEVER]
        count, tokens = len(prefixes), row.shape[0]
        stays = chosen[chosen < count]
        origins, added = np.divmod(chosen[chosen >= count] - count, tokens)
        values = row[added].tolist()
        grown = [
            self._grown(prefixes[origin], token, value)
            for origin, token, value in zip(origins.tolist(), added.tolist(), values, strict=True)
        ]
        self._prefixes = [*(prefixes[place] for place in stays.tolist()), *grown]
        self._last = np.concatenate([last[stays], added])
        self._with_blank = np.concatenate([stay_blank[stays], np.full(len(added), _NEVER)])
        self._with_token = np.concatenate([stay_token[stays], longer[origins, added]])

    def _join(
        self,
        stay_blank: NDArray[np.float64],
        stay_token: NDArray[np.float64],
        longer: NDArray[np.float64],
        row: NDArray[np.float64],
    ) -> None:
        """Adds the ways that lead from one kept prefix to another to those that stay there.

        Where they outweigh those, the prefix's last token is told now, and not when it was first.
        """
        places = {id(prefix): place for place, prefix in enumerate(self._prefixes)}
        for place, prefix in enumerate(self._prefixes):
            origin = places.get(id(prefix.parent))
            if origin is not None and prefix.parent is not None:
                token = prefix.emission.token
                if longer[origin, token] > np.logaddexp(stay_blank[place], stay_token[place]):
                    prefix.emission.step, prefix.emission.log_probability = self._step, float(row[token])
                stay_token[place] = np.logaddexp(stay_token[place], longer[origin, token])
                longer[origin, token] = _NEVER

    def _note_peaks(self, row: NDArray[np.float64]) -> None:
        """While a prefix's last token lasts, its time is where it was most probable."""
        for place in np.flatnonzero((self._with_token > self._with_blank) & (self._last >= 0)).tolist():
            emission, value = self._prefixes[place].emission, float(row[self._last[place]])
            if value > emission.log_probability:
                emission.step, emission.log_probability = self._step, value

    def _grown(self, origin: _Prefix, token: int, value: float) -> _Prefix:
        hints, lexicon = self._hints, self._lexicon
        place = hints.after(origin.place, token) if hints and origin.place else None
        node = lexicon.after(origin.node, token) if lexicon and origin.node else None
        return _Prefix(origin, Emission(token, self._step, value), hints, place, node)
