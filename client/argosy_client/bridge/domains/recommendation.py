# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Items, users and their histories."""

import csv
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from argosy_client.bridge.graph import Value
from argosy_client.bridge.parts import Finder, Part, by_tensors, put_together
from argosy_client.bridge.plan import Facts, Plan

METHODS = ("Recommend", "Rank", "SimilarItems", "SimilarUsers")

_HISTORY = ("history", "interaction", "clicks", "basket")
_POPULARITY = ("popularity", "count", "sales", "views")
_CATALOGUE = (
    "put the catalogue beside the graph, in the graph's order: items.csv with id,name, or for vectors of items "
    "items.npz with ids, names and vectors"
)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """What a catalogue's file says."""

    path: Path
    ids: Sequence[str]
    columns: Mapping[str, Sequence[str]]
    dimensions: int
    """Numbers of an item's vector; 0 without vectors."""


def fits(facts: Facts) -> str:
    """Why a graph looks like one of a recommender; empty where it does not."""
    if facts.companions.items is not None:
        return f"{facts.companions.items.name} lies beside it"
    if _tower(facts, 0) is not None and any(one.named(*_HISTORY) for one in facts.graph.inputs):
        return "its inputs hold a history of vectors and their weights"
    alone = facts.graph.inputs[0] if len(facts.graph.inputs) == 1 else None
    if alone is None or not alone.named(*_HISTORY) or len(facts.dims(alone)) != 2:
        return ""
    same = any(facts.given(one).shape[1:] == facts.dims(alone)[1:] for one in facts.free(2))
    return f"its one input '{alone.name}' has as many numbers as an output, one for each item" if same else ""


def plan(facts: Facts, why: str) -> Plan:
    """A plan; by tensors alone without a catalogue.

    Raises:
        ValueError: a method was asked for that the graph does not allow, or the catalogue cannot be read.
    """
    path = facts.companions.items
    if path is None:
        return by_tensors("recommendation", why, f"typed calls need the items: {_CATALOGUE}", facts)
    catalogue = _catalogue(path)
    section: dict[str, Any] = {"items_file": path.name}
    comments: dict[str, str] = {}
    popular = next((name for name in catalogue.columns if name.lower() in _POPULARITY), None)
    if popular is not None:
        section["popularity"] = popular
        comments["recommendation.popularity"] = "somebody without history gets the items with the most"
    plain = Plan("recommendation", why, section=section, comments=comments, assets={path.name: path})
    finders = (
        Finder(
            ("Recommend", "Rank", "SimilarItems"),
            "inputs of a history's vectors [batch, n, dimensions] and weights [batch, n], an output [batch, dimensions]"
            ", and items.npz with vectors",
            partial(_vectors, catalogue=catalogue),
        ),
        Finder(
            ("Recommend", "Rank"),
            f"one input and an output [batch, items], here {len(catalogue.ids)} items",
            partial(_scores, catalogue=catalogue),
        ),
        Finder(
            ("SimilarItems",), "an output [batch, items] named similar_items", partial(_similar, catalogue=catalogue)
        ),
        Finder(("SimilarUsers",), "an output [batch, users], and users.txt", _users),
    )
    return put_together(plain, facts, finders)


def _vectors(facts: Facts, *, catalogue: _Catalogue) -> Part | str | None:
    """A tower that makes a user's vector of the items'."""
    found = _tower(facts, catalogue.dimensions)
    if found is None:
        return None
    history, weights, user = found
    dimensions = facts.dims(history)[2]
    if not catalogue.dimensions:
        return f"the graph takes vectors of {dimensions} numbers: {_CATALOGUE}"
    index = {"history": history.name, "weights": weights.name, "user_vector": user.name}
    why = (
        f"it makes a vector of {dimensions} numbers of a history's vectors, and {catalogue.path.name} holds the items'"
    )
    comments = {"recommendation.index": "items are scored by the product of their vectors with the user's"}
    methods = ("Recommend", "Rank", "SimilarItems")
    return Part(methods, why, (user.name,), {"index": index}, comments, request=_request(catalogue))


def _tower(facts: Facts, dimensions: int) -> tuple[Value, Value, Value] | None:
    """History, weights and the user's vector; None where the graph does not take them."""
    ranks = {len(facts.dims(one)): one for one in facts.graph.inputs if one.datatype.startswith("FP")}
    if len(facts.graph.inputs) != 2 or {*ranks} != {2, 3}:
        return None
    wanted = dimensions or facts.dims(ranks[3])[2]
    user = next((one for one in facts.free(2) if facts.width(one) == wanted), None)
    fits_ = user is not None and facts.dims(ranks[3])[2] == wanted
    return (ranks[3], ranks[2], user) if user is not None and fits_ else None


def _scores(facts: Facts, *, catalogue: _Catalogue) -> Part | str | None:
    """How well each item suits a history."""
    if len(facts.graph.inputs) != 1:
        return None
    found = [one for one in facts.rows() if facts.width(one) == len(catalogue.ids) and not one.named("similar")]
    output = next((one for one in found if one.named("item")), next(iter(found), None))
    if output is None:
        return f"no output has {len(catalogue.ids)} numbers, as many as {catalogue.path.name} has items"
    section = {"input": facts.graph.inputs[0].name, "item_scores": output.name}
    comments = {"recommendation.item_scores": "how well each item suits the history; higher is better"}
    why = f"output '{output.name}' has a number for each of the {len(catalogue.ids)} items"
    return Part(("Recommend", "Rank"), why, (output.name,), section, comments, request=_request(catalogue))


def _similar(facts: Facts, *, catalogue: _Catalogue) -> Part | str | None:
    """How similar each item is to the history's."""
    told = facts.told("SimilarItems")
    wide = [one for one in facts.free(2) if facts.width(one) == len(catalogue.ids) and (told or one.named("similar"))]
    if not wide or len(facts.graph.inputs) != 1:
        return None
    why = f"output '{wide[0].name}' has a number for each item as well"
    return Part(("SimilarItems",), why, (wide[0].name,), {"similar_items": wide[0].name})


def _users(facts: Facts) -> Part | str | None:
    """How similar each known user is to the history."""
    path = facts.companions.file("users.txt")
    output = next((one for one in facts.free(2) if one.named("user") and len(facts.graph.inputs) == 1), None)
    if output is None:
        return None
    count = facts.width(output)
    # As the worker counts: ends of lines after the last id are none of another.
    ids = path.read_text("utf-8-sig").rstrip().splitlines() if path is not None else []
    if path is None or len(ids) != count:
        known = f" (it has {len(ids)})" if path is not None else ""
        return f"output '{output.name}' has {count} numbers: put users.txt beside the graph{known}, an id a line"
    section = {"user_scores": output.name, "users_file": "users.txt"}
    why = f"output '{output.name}' has a number for each of {count} users"
    return Part(("SimilarUsers",), why, (output.name,), section, assets={"users.txt": path})


def _request(catalogue: _Catalogue) -> Mapping[str, Any]:
    return {"history": [{"itemId": next(iter(catalogue.ids), "")}], "topK": 3}


def _catalogue(path: Path) -> _Catalogue:
    return _table(path) if path.suffix == ".csv" else _archive(path)


def _table(path: Path) -> _Catalogue:
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines, strict=True)
            names, rows = tuple(reader.fieldnames or ()), list(reader)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: is no CSV file in UTF-8: {error}; is a quote left open?") from error
    if "id" not in names:
        raise ValueError(f"{path}: the column id is missing; the first line has {', '.join(names) or 'no names'}")
    columns = {name: [str(row[name]) for row in rows] for name in names}
    return _Catalogue(path, columns.pop("id"), columns, 0)


def _archive(path: Path) -> _Catalogue:
    wanted = f"{path}: is no .npz file with ids, names and vectors"
    try:
        with path.open("rb") as opened:
            loaded = np.load(opened, allow_pickle=False)
            files = () if isinstance(loaded, np.ndarray) else loaded.files
            # A file in it that is no array comes as its bytes.
            arrays = {name: array for name in files if isinstance(array := loaded[name], np.ndarray)}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{wanted}: {error}") from error
    if "ids" not in arrays:
        unnamed = "an array without a name" if isinstance(loaded, np.ndarray) else "no array"
        raise ValueError(f"{wanted}: it holds {', '.join(arrays) or unnamed}")
    ids, vectors = arrays.pop("ids"), arrays.pop("vectors", np.zeros((0, 0)))
    if ids.ndim != 1:
        raise ValueError(f"{path}: ids has the shape {list(ids.shape)}; it must be one id for each item")
    dimensions = int(vectors.shape[1]) if vectors.ndim == 2 else 0
    return _Catalogue(path, [str(one) for one in ids], dict.fromkeys(arrays, ()), dimensions)
