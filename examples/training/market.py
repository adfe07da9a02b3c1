# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A simulated market: items with attributes, and customers whose tastes decide what they meet. All of it is invented.

Rules, all from one seed:

- Every item has a category, a style, a brand and a price level. Its appeal is Zipf's: 1 / rank to the power 0.5.
- A customer has tastes over categories (Dirichlet 0.15) and styles (Dirichlet 0.3), a price level in [0, 2], and two
  brands that count threefold.
- The chance to meet an item is its appeal x category taste x style taste x exp(-1.5 x difference in price level) x
  brand. A customer meets 15 to 40 items, without repetition.
- What is met is looked at (weight 1), put in the basket (3) or bought (5): the likelier, the better it fits.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from common import Array

STYLES = ("classic", "colourful", "minimal", "rugged", "vintage")
PRICES = ("budget", "middle", "premium")
BRANDS = (
    *("Alder", "Brook", "Cedar", "Dune", "Ember", "Fjord"),
    *("Grove", "Harbor", "Inlet", "Juniper", "Kestrel", "Larch"),
)
CATEGORIES = {
    "camping": "tent stove lantern hammock cooler mug axe compass",
    "cycling": "helmet saddle pump bell pannier jersey lock bottle",
    "kitchen": "kettle skillet grater whisk teapot ladle peeler scale",
    "desk": "lamp notebook stapler tray pen clock ruler folder",
    "garden": "trowel rake hose planter shears gloves barrow sprayer",
    "music": "guitar tuner drum stand metronome ukulele capo flute",
    "knitting": "needles yarn hook basket pattern gauge bobbin cushion",
    "travel": "suitcase backpack wallet pillow adapter pouch umbrella hat",
    "pets": "leash bowl bed brush carrier toy collar blanket",
    "bath": "towel soap robe mirror basket mat razor sponge",
}
WEIGHTS = (1.0, 3.0, 5.0)


@dataclass(frozen=True)
class Market:
    """The items: their ids and names, and their attributes as texts by name, all [items]."""

    ids: list[str]
    names: list[str]
    attributes: dict[str, list[str]]
    appeal: Array

    def codes(self) -> dict[str, Array]:
        """The attributes as numbers, int64 [items]."""
        known = {"category": tuple(CATEGORIES), "style": STYLES, "brand": BRANDS, "price": PRICES}
        return {
            name: np.array([known[name].index(cell) for cell in cells], np.int64)
            for name, cells in self.attributes.items()
        }


def open_market(random: np.random.Generator) -> Market:
    """The items of the market."""
    ids, names = [], []
    attributes: dict[str, list[str]] = {"category": [], "style": [], "brand": [], "price": []}
    for category, nouns in CATEGORIES.items():
        brands = random.choice(BRANDS, 4, replace=False)
        for number, (noun, style) in enumerate(product(nouns.split(), STYLES), start=1):
            brand = str(random.choice(brands))
            ids.append(f"{category}-{number:02}")
            names.append(f"{brand} {style} {noun}")
            cells = {"category": category, "style": style, "brand": brand, "price": str(random.choice(PRICES))}
            for name, cell in cells.items():
                attributes[name].append(cell)
    appeal = 1 / (1 + random.permutation(len(ids))) ** 0.5
    return Market(ids, names, attributes, appeal)


def visits(market: Market, customers: int, random: np.random.Generator) -> Array:
    """Weights float32 [customers, items] of what each customer did; 0 where an item was not met."""
    codes, items = market.codes(), len(market.ids)
    matrix = np.zeros((customers, items), np.float32)
    for row in matrix:
        taste = random.dirichlet(np.full(len(CATEGORIES), 0.15)) + 0.005
        style = random.dirichlet(np.full(len(STYLES), 0.3)) + 0.02
        price = np.exp(-1.5 * np.abs(codes["price"] - random.uniform(0, 2)))
        loyal = np.isin(codes["brand"], random.choice(len(BRANDS), 2, replace=False))
        fit = taste[codes["category"]] * style[codes["style"]] * price * np.where(loyal, 3, 1)
        chances = market.appeal * fit
        met = random.choice(items, random.integers(15, 41), replace=False, p=chances / chances.sum())
        better = np.argsort(np.argsort(fit[met])) / len(met)  # 0 for what fits least, near 1 for what fits best
        row[met] = np.array(WEIGHTS)[np.clip(random.normal(3 * better - 0.5, 0.7), 0, 2).round().astype(int)]
    return matrix


def hide(matrix: Array, hidden: int, random: np.random.Generator) -> tuple[Array, Array]:
    """Histories like ``matrix`` with so many items of each customer taken out, and the positions of those."""
    histories, targets = matrix.copy(), np.zeros((len(matrix), hidden), np.int64)
    for row, (history, met) in enumerate(zip(histories, map(np.flatnonzero, matrix), strict=True)):
        targets[row] = random.choice(met, hidden, replace=False)
        history[targets[row]] = 0
    return histories, targets


def quality(scores: Array, histories: Array, targets: Array, top: int) -> tuple[float, float]:
    """Recall and NDCG of the ``top`` best items outside of each history, means over customers.

    Recall is the part of a customer's hidden items that is among them. NDCG counts each by 1 / log2(1 + rank), divided
    by what the best order would reach.
    """
    best = np.argsort(-np.where(histories > 0, -np.inf, scores), axis=1, kind="stable")[:, :top]
    hits = (best[:, :, None] == targets[:, None, :]).any(axis=2)
    discounts = 1 / np.log2(np.arange(2, top + 2))
    ideal = discounts[: targets.shape[1]].sum()
    return float(hits.sum(axis=1).mean() / targets.shape[1]), float((hits @ discounts).mean() / ideal)
