# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the documentation says of files and code is so; nothing is started for these."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.docs_pages import ROOT, Block, blocks, matches, pages
from tools import reference

PAGES = pages()
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_REASON = re.compile(r"(?!UNKNOWN$)[A-Z]+(_[A-Z]+)*")
_FENCED = re.compile(r"^```.*?^```$", re.M | re.S)


def _name(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


def _excerpts() -> list[Block]:
    return [block for page in PAGES for block in blocks(page) if block.mark == "from"]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_relative_link_leads_to_a_file_or_heading(page: Path) -> None:
    for target in _LINK.findall(_FENCED.sub("", page.read_text("utf-8"))):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in _anchors(found), f"{target}: no such heading"


@pytest.mark.parametrize("block", _excerpts(), ids=_name)
def test_every_excerpt_is_in_the_file_that_it_names(block: Block) -> None:
    source = (ROOT / block.argument).read_text("utf-8")
    assert block.text.rstrip() in source, f"{block.argument} does not hold the excerpt:\n{block.text}"


def test_reference_tables_are_as_the_code_says() -> None:
    assert reference.main(["--check"]) == 0, "run: python -m tools.reference --write"


def test_a_drifted_table_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- reference: errors -->\nsomething else\n<!-- /reference -->\n")
    (fresh,) = reference.drifted([page]).values()
    assert "`QUEUE_FULL`" in fresh
    page.write_text(fresh)
    assert not reference.drifted([page])


def test_the_worker_s_tables_name_every_setting_and_key() -> None:
    keys = reference.SECTIONS["model-yaml"]()
    for key in ("max_batch_size", "tolerance", "sample_rate_hz", "tokenizer", "users_file", "timesteps"):
        assert f"`{key}`" in keys
    assert "`ARGOSY_WORKER_DRAIN_S`" in reference.SECTIONS["worker-settings"]()
    assert "`--control-port`" in reference.SECTIONS["up-options"]()


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in PAGES:
        named = set(re.findall(r"(?:`|\$ )make ([a-z-]+)", page.read_text("utf-8")))
        assert named <= targets, f"{_name(page)} names {named - targets}"


def test_every_reason_that_is_documented_is_sent_and_the_other_way_round() -> None:
    text = (ROOT / "docs/protocols.md").read_text("utf-8")
    documented = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", text)) | {"INTERNAL", "LOOP"}
    constants = {value for value in _constants() if _REASON.fullmatch(value)}
    assert documented <= constants, f"nothing sends {documented - constants}"
    assert set(_reasons()) <= documented, f"undocumented: {set(_reasons()) - documented}"


def test_every_decision_has_its_four_parts() -> None:
    for path in sorted((ROOT / "docs/decisions").glob("00[01]*.md")):
        text = path.read_text("utf-8")
        assert text.startswith(f"# {path.name[:4]}: "), path.name
        for part in ("Status: ", "## Context", "## Decision", "## Consequences"):
            assert part in text, f"{path.name} lacks {part}"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a b\n", "a    b  \n", True),
        ("a ... c\n", "a b b c\n", True),
        ("a ... c\n", "a b\nb c\n", False),
        ("a\n...\nc\n", "a\nc\n", True),
        ("a\n...\nc\n", "a\nb\nb\nc\n", True),
        ("score 0.9...\n", "score 0.8\n", False),
        ("one\n", "one\ntwo\n", False),
    ],
)
def test_outputs_are_compared_but_for_blanks_and_dots(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", path.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _modules() -> Iterator[ast.Module]:
    for root in ("services/argosy_worker", "gateway/argosy_gateway"):
        for path in sorted((ROOT / root).rglob("*.py")):
            yield ast.parse(path.read_text("utf-8"))


def _constants() -> Iterator[str]:
    for module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _reasons() -> Iterator[str]:
    """Reasons given by keyword, and those that classes of errors have by themselves."""
    errors = ast.parse((ROOT / "services/argosy_worker/errors.py").read_text("utf-8"))
    values = [
        node.value
        for node in ast.walk(errors)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "reason"
    ]
    for module in _modules():
        values += [node.value for node in ast.walk(module) if isinstance(node, ast.keyword) and node.arg == "reason"]
    for value in values:
        for node in ast.walk(value):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _REASON.fullmatch(node.value):
                yield node.value


def test_excerpts_are_checked_at_all() -> None:
    languages = {block.language for block in _excerpts()}
    assert {"go", "java", "js", "python", "yaml", "json"} <= languages
