# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from tools.quality.page import PAGE, with_rows
from tools.quality.reading import checked_in
from tools.quality.verdicts import judged
from tools.quality.view import texts


def test_the_page_has_all_models_and_the_figures_that_model_yaml_records_now() -> None:
    page = PAGE.read_text("utf-8")
    rows = [row for model in checked_in() for row in judged(model, {})]
    for row in rows:
        assert " | ".join(texts(row)[:5]) in page, f"run: make quality ARGS='--write {row.model}'"
    assert len(with_rows(page, rows).splitlines()) == len(page.splitlines()), "run: make quality ARGS=--write"
