# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the demo did, for people and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from argosy_client.cli.errors import describe
from argosy_client.cli.output import cell, number, plain, score, table
from argosy_client.demo.clip import duration_s
from argosy_client.demo.picture import half_blocks
from argosy_client.demo.play import Outcome

#: Parts of a long input or answer that are shown.
SHOWN = 4


def print_outcomes(outcomes: Sequence[Outcome], console: Console, address: str) -> None:
    """Prints one row for each domain, and a last line that says how many answers were as expected."""
    shown = table("domain", "in", "out", "ms", "correct", numeric=["ms"], whole=["domain"])
    shown.show_lines = True
    for outcome in outcomes:
        shown.add_row(
            _who(outcome),
            _input(outcome),
            _answer(outcome, address),
            cell(f"{outcome.timing.total_ms:.1f}" if outcome.timing else "-"),
            _verdict(outcome),
        )
    console.print(shown)
    good = sum(outcome.equal for outcome in outcomes)
    style = "bold green" if good == len(outcomes) else "bold red"
    console.print(cell(f"{good} of {len(outcomes)} answers are correct", style))


def as_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome with stable keys."""
    error = outcome.error
    return {
        "domain": outcome.sample.domain,
        "method": outcome.sample.method,
        "model": outcome.model or outcome.sample.model,
        "version": outcome.version,
        "equal": outcome.equal,
        "difference": outcome.difference,
        "error": None if error is None else {"code": error.code.name, "reason": error.reason, "message": error.message},
        "response": outcome.response,
        "timing": plain(outcome.timing),
    }


def _who(outcome: Outcome) -> Text:
    model = f"{outcome.model} v{outcome.version}" if outcome.response else outcome.sample.model
    return cell(outcome.sample.domain, "bold").append_text(cell(f"\n{model}", "dim not bold"))


def _verdict(outcome: Outcome) -> Text:
    if outcome.equal:
        return cell("yes", "green")
    return cell(f"no: {outcome.difference}" if outcome.difference else "no", "red")


def _input(outcome: Outcome) -> Text:
    sample = outcome.sample
    if sample.domain == "vision":
        name, content = next(iter(sample.files.items()))
        return cell("\n".join([name, *half_blocks(content)]))
    if sample.domain == "speech":
        name, content = next(iter(sample.files.items()))
        return cell(f"{name} {duration_s(content):.1f} s")
    if sample.domain == "nlp":
        return cell("\n".join(f'"{text}"' for text in sample.request["texts"]))
    if sample.domain == "recommendation":
        return cell(_history(sample.request["history"]))
    return cell("\n".join(_row(row) for row in sample.request["rows"]))


def _history(history: Sequence[Mapping[str, Any]]) -> str:
    ids = [str(one["itemId"]) for one in history]
    return f"who liked {_some(ids)}"


def _row(row: Mapping[str, Any]) -> str:
    named = row.get("named")
    if named:
        return _some([f"{name} {number(value)}" for name, value in named.items()])
    return _some([number(value) for value in row["values"]])


def _answer(outcome: Outcome, address: str) -> Text:
    if outcome.error is not None:
        return cell(describe(outcome.error, address), "red")
    response = outcome.response
    if outcome.sample.domain in ("vision", "nlp"):
        return cell("\n".join(_best(result) for result in response["results"]), "bold")
    if outcome.sample.domain == "speech":
        return cell(_best(response), "bold")
    if outcome.sample.domain == "recommendation":
        return cell("\n".join(str(item["name"] or item["itemId"]) for item in response["items"][:SHOWN]), "bold")
    return cell("\n".join(_prediction(one) for one in response["predictions"]), "bold")


def _best(result: Mapping[str, Any]) -> str:
    return f"{result['labels'][0]['label']} ({score(result['labels'][0]['score'])})" if result["labels"] else "-"


def _prediction(one: Mapping[str, Any]) -> str:
    return ", ".join(number(value) for value in one["values"]) or _best({"labels": one["classes"]})


def _some(parts: Sequence[str]) -> str:
    hidden = len(parts) - SHOWN
    return f"{', '.join(parts[:SHOWN])}, and {hidden} more" if hidden > 0 else ", ".join(parts)
