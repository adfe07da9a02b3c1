# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Make ``recommendation/behaviour``: user-based collaborative filtering by cosine similarity, as an ONNX graph."""

import csv
from itertools import product

import numpy as np
import onnx
from common import Array, Json, ModelFolder, card, metric, output_folder, provenance, unit_rows
from graph import Graph

SEED = 20261122
USERS = 300
HELDOUT_USERS = 200
TOP = 10
SHARPNESS = (1, 2, 4, 8)

# Five adjectives and three nouns a genre: fifteen invented titles each.
GENRES = {
    "mystery": ("Silent Missing Crooked Borrowed Second", "Witness Key Alibi"),
    "space": ("Distant Frozen Orbital Drifting Hollow", "Moon Beacon Colony"),
    "romance": ("Tender Unsent Summer Foolish Quiet", "Letter Promise Waltz"),
    "history": ("Forgotten Royal Broken Iron Northern", "Throne Treaty Siege"),
    "cooking": ("Simple Smoky Rustic Golden Hungry", "Kitchen Table Harvest"),
    "travel": ("Slow Winding Barefoot Coastal Endless", "Road Island Train"),
    "horror": ("Whispering Rotten Nameless Hungering Pale", "Cellar Orchard Guest"),
    "nature": ("Wild Ancient Patient Hidden Shining", "Forest River Heron"),
}
#: Weight of an interaction and how often it occurs: opened, finished, recommended to a friend.
WEIGHTS, WEIGHT_SHARES = (1.0, 2.0, 3.0), (0.5, 0.35, 0.15)

CARD = """
# behaviour

Recommends, ranks and compares from behaviour alone: the similarity of two users is the cosine of the angle between
their vectors of weights, one weight for each item. There is nothing trained but one exponent; the graph holds the
behaviour of {users} users over {items} items.

- `user_scores`: cosine between the history and each user.
- `item_scores`: mean of the users' behaviour, each scaled to length 1, weighted by similarity to the power {sharpness}.
- `similar_items`: cosine between the users' columns of the history's item and of each item; for a longer history, the
  mean weighted as the history is.

`items.csv` has each item's genre, for filters, and how many of the users in the graph met it, which is what somebody
without history is recommended by.

**Intended use.** {intended}

**Data.** Generated from a fixed seed by `examples/training/behaviour.py`: invented titles in {genres} genres; each user
has a taste over genres (Dirichlet 0.25), items have a popularity (Zipf), and each user meets 12 to 30 items with the
weights 1 (opened), 2 (finished), 3 (recommended to a friend). No real person or work is described. Licence: Apache-2.0.

**Quality.** {count} further users, who are not in the graph, each lack one of their items: it is among the {top} best
of the items outside their history for {hit:.1%} of them; by popularity alone {popularity:.1%}, by chance {chance:.1%}.
They are in `heldout.json`. The exponent was chosen on the users in the graph, each left out in turn.

**Limits.** {limits}

**Licence of the weights.** Apache-2.0.
"""

INTENDED = "To show recommendation from behaviour alone, exactly and without training; a baseline for learned models."
LIMITS = (
    "The users follow a simple rule, so real behaviour will be harder to guess. An item that nobody in the graph met "
    "scores 0, and new users or items need a new graph."
)


def catalogue() -> list[tuple[str, str]]:
    """Item ids and titles, genre by genre."""
    items = []
    for genre, (adjectives, nouns) in GENRES.items():
        titles = [f"The {adjective} {noun}" for adjective, noun in product(adjectives.split(), nouns.split())]
        items += [(f"{genre}-{number:02}", title) for number, title in enumerate(titles, start=1)]
    return items


def behaviour(users: int, items: int, random: np.random.Generator) -> Array:
    """Weights [users, items] of users with tastes; 0 where a user did not meet an item."""
    genre_of = np.repeat(np.arange(len(GENRES)), items // len(GENRES))
    popularity = 1 / (1 + random.permutation(items)) ** 0.6
    matrix = np.zeros((users, items), dtype=np.float32)
    for row in matrix:
        taste = random.dirichlet(np.full(len(GENRES), 0.25)) + 0.01
        chances = taste[genre_of] * popularity
        met = random.choice(items, size=random.integers(12, 31), replace=False, p=chances / chances.sum())
        row[met] = random.choice(WEIGHTS, size=len(met), p=WEIGHT_SHARES)
    return matrix


def hide_one(matrix: Array, random: np.random.Generator) -> tuple[Array, Array]:
    """Histories [users, items] with one item of each user taken out, and that item's index [users]."""
    targets = np.array([random.choice(np.flatnonzero(row)) for row in matrix])
    histories = (matrix > 0).astype(np.float32)
    histories[np.arange(len(matrix)), targets] = 0
    return histories, targets


def hit_rate(scores: Array, histories: Array, targets: Array) -> float:
    """Share of users whose target is among the best items outside their history."""
    open_scores = np.where(histories > 0, -np.inf, scores)
    best = np.argsort(-open_scores, axis=1, kind="stable")[:, :TOP]
    return float(np.mean((best == targets[:, None]).any(axis=1)))


def choose_sharpness(matrix: Array, random: np.random.Generator) -> int:
    """The exponent with the best hit rate on the matrix's own users, each left out of the sum."""
    histories, targets = hide_one(matrix, random)
    rows = unit_rows(matrix)
    similarity = unit_rows(histories) @ rows.T
    np.fill_diagonal(similarity, 0)
    rates = {power: hit_rate(similarity**power @ rows, histories, targets) for power in SHARPNESS}
    return max(rates, key=lambda power: rates[power])


def export(matrix: Array, sharpness: int) -> onnx.ModelProto:
    """The graph over the users' behaviour."""
    users, items = matrix.shape
    rows, columns = unit_rows(matrix), unit_rows(matrix.T)
    graph = Graph("behaviour")
    history = graph.input("history", ["batch", items])
    least = graph.floats(1e-12)
    axis = graph.integers(1)

    length = graph.apply("Max", graph.apply("ReduceL2", history, axes=[1]), least)
    similarity = graph.apply("MatMul", graph.apply("Div", history, length), graph.constant(rows.T))
    graph.output(similarity, "user_scores", ["batch", users])

    share = graph.apply("Pow", similarity, graph.floats(sharpness))
    total = graph.apply("Max", graph.apply("ReduceSum", share, axis), least)
    suited = graph.apply("MatMul", share, graph.constant(rows))
    graph.output(graph.apply("Div", suited, total), "item_scores", ["batch", items])

    weight = graph.apply("Max", graph.apply("ReduceSum", history, axis), least)
    alike = graph.apply("MatMul", graph.apply("Div", history, weight), graph.constant(columns @ columns.T))
    graph.output(alike, "similar_items", ["batch", items])
    return graph.build()


def best_entries(key: str, names: list[str], scores: Array, left_out: set[int], top_k: int) -> list[Json]:
    """The best entries by score as ScoredItems or ScoredUsers; fails where two are too close to keep their order."""
    order = [int(i) for i in np.argsort(-scores, kind="stable") if int(i) not in left_out][: top_k + 1]
    if np.min(-np.diff(scores[order])) < 1e-5:
        raise SystemExit("the golden sample has ties; choose another")
    return [{key: names[i], "score": float(scores[i])} for i in order[:top_k]]


def reasons(folder: ModelFolder, ids: list[str], history: Array, item: int, count: int) -> list[Json]:
    """The items of a history [1, items] without which an item's score would be lowest, as Reasons."""
    met = np.flatnonzero(history[0])
    lacking = np.repeat(history, len(met), axis=0)
    lacking[np.arange(len(met)), met] = 0
    (scores,) = folder.run(["item_scores"], {"history": np.concatenate([history, lacking])})
    parts = scores[0, item] - scores[1:, item]
    best = best_entries("itemId", [ids[i] for i in met], parts, set(), count)
    return [{"itemId": entry["itemId"], "contribution": entry["score"]} for entry in best]


def write_goldens(folder: ModelFolder, items: list[tuple[str, str]], users: list[str], matrix: Array) -> list[Json]:
    """Golden samples of the four methods, on the first user's behaviour and on its first item."""
    ids, titles = [item for item, _ in items], dict(items)
    history = matrix[:1]
    met = [int(i) for i in np.flatnonzero(history[0])]
    one = np.zeros_like(history)
    one[0, met[0]] = 1
    item_scores, user_scores = folder.run(["item_scores", "user_scores"], {"history": history})
    (similar,) = folder.run(["similar_items"], {"history": one})

    def with_names(entries: list[Json]) -> list[Json]:
        return [entry | {"name": titles[entry["itemId"]]} for entry in entries]

    interactions = [{"itemId": ids[i], "weight": float(history[0, i])} for i in met]
    recommended = with_names(best_entries("itemId", ids, item_scores[0], set(met), 5))
    alike = with_names(best_entries("itemId", ids, similar[0], {met[0]}, 5))
    nearest = best_entries("userId", users, user_scores[0], {0}, 5)
    candidates = [0, len(ids) // 3, 2 * len(ids) // 3, len(ids) - 1]
    ranked = with_names(
        best_entries("itemId", ids, item_scores[0], set(range(len(ids))) - set(candidates), len(candidates))
    )
    user_request = {"history": interactions, "userId": users[0], "topK": 5}
    rank_request = {"history": interactions, "candidateItemIds": [ids[i] for i in candidates]}
    mystery = [i for i, item in enumerate(ids) if item.startswith("mystery-")]
    popularity = (matrix > 0).sum(axis=0)
    popular = sorted(mystery, key=lambda i: (-popularity[i], i))[:3]
    newcomer = [{"itemId": ids[i], "name": titles[ids[i]], "score": float(popularity[i])} for i in popular]
    genre = [{"attribute": "genre", "values": ["mystery"]}]
    wanted = [i for i in range(len(ids)) if i not in mystery]
    (best,) = with_names(best_entries("itemId", ids, item_scores[0], set(met) | set(wanted), 1))
    explained = best | {"reasons": with_names(reasons(folder, ids, history, ids.index(best["itemId"]), 3))}
    filtered = {"history": interactions, "topK": 1, "filters": genre, "reasonCount": 3}
    return [
        folder.write_golden("filtered", "Recommend", filtered, {"items": [explained]}),
        folder.write_golden("newcomer", "Recommend", {"topK": 3, "filters": genre}, {"items": newcomer}),
        folder.write_golden("recommend", "Recommend", {"history": interactions, "topK": 5}, {"items": recommended}),
        folder.write_golden("similar_items", "SimilarItems", {"itemId": ids[met[0]], "topK": 5}, {"items": alike}),
        folder.write_golden("similar_users", "SimilarUsers", user_request, {"users": nearest}),
        folder.write_golden("rank", "Rank", rank_request, {"items": ranked}),
    ]


def config(golden: list[Json], metrics: list[Json]) -> Json:
    """The contents of model.yaml."""
    methods = ["Recommend", "SimilarItems", "SimilarUsers", "Rank"]
    return {
        "name": "behaviour",
        "description": "Recommends from the behaviour of similar users (cosine similarity).",
        "methods": methods,
        "default_for": list(methods),
        "recommendation": {
            "input": "history",
            "item_scores": "item_scores",
            "similar_items": "similar_items",
            "user_scores": "user_scores",
            "items_file": "items.csv",
            "popularity": "popularity",
            "users_file": "users.txt",
        },
        "card": card(INTENDED, LIMITS),
        "provenance": provenance(
            "behaviour.py", "Generated: invented items and users, fixed seed", "Apache-2.0", "2026-11-22"
        ),
        "metrics": metrics,
        "golden": golden,
    }


def main() -> None:
    """Generate the data, export, measure and write the model folder."""
    folder = ModelFolder(output_folder(__doc__ or "", "recommendation/behaviour"), "behaviour.py")
    random = np.random.default_rng(SEED)
    items = catalogue()
    everyone = behaviour(USERS + HELDOUT_USERS, len(items), random)
    known, others = everyone[:USERS], everyone[USERS:]
    sharpness = choose_sharpness(known, random)

    folder.write_graph(export(known, sharpness))
    with (folder.path / "items.csv").open("w", newline="", encoding="utf-8") as file:
        met = (known > 0).sum(axis=0).tolist()
        genres = [item.rpartition("-")[0] for item, _ in items]
        rows = [(*item, genre, count) for item, genre, count in zip(items, genres, met, strict=True)]
        csv.writer(file, lineterminator="\n").writerows([("id", "name", "genre", "popularity"), *rows])
    users = [f"user-{number:03}" for number in range(1, USERS + 1)]
    folder.write_lines("users.txt", users)
    histories, targets = hide_one(others, random)
    ids = [item for item, _ in items]
    held_out = [
        {"history": [ids[i] for i in np.flatnonzero(history)], "target": ids[target]}
        for history, target in zip(histories, targets, strict=True)
    ]
    folder.write_json("heldout.json", held_out)

    (scores,) = folder.run(["item_scores"], {"history": histories})
    hit = hit_rate(scores, histories, targets)
    popularity = hit_rate(np.tile((known > 0).sum(axis=0), (len(others), 1)), histories, targets)
    chance = float(np.mean(TOP / (histories == 0).sum(axis=1)))
    rates = {"": hit, "_of_popularity": popularity, "_of_chance": chance}
    metrics = [metric(f"hit_rate_at_10{name}", rate, len(others)) for name, rate in rates.items()]
    folder.write_config(config(write_goldens(folder, items, users, known), metrics))
    counts = {"users": USERS, "items": len(items), "genres": len(GENRES), "count": len(others), "top": TOP}
    folder.write_card(
        CARD.format(
            **counts,
            sharpness=sharpness,
            hit=hit,
            popularity=popularity,
            chance=chance,
            intended=INTENDED,
            limits=LIMITS,
        )
    )


if __name__ == "__main__":
    main()
