# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from argosy_client.evaluation.data import read


def test_rows_of_a_table_are_features_and_a_truth(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b,price\n1,2,3.5\n4,5,6.5\n")
    cases = read(path, "tabular", "price", True)
    assert cases.inputs == [{"a": 1.0, "b": 2.0}, {"a": 4.0, "b": 5.0}]
    assert cases.truths == ["3.5", "6.5"]


def test_files_are_named_relative_to_their_list(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text("file,transcript\none.wav,one\n")
    cases = read(tmp_path / "clips.csv", "speech", None, True)
    assert (cases.inputs, cases.truths) == ([tmp_path / "one.wav"], ["one"])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "text,mood\nhello,good\n", "--truth"),
        ("a.csv", "", "no labelled case"),
        ("a.csv", "words,label\nhello,good\n", "needs 'text'"),
        ("a.json", '{"text": "hello"}', "list of objects"),
        ("a.json", "[", "cannot be read"),
        ("a.npz", "no archive", "cannot be read as arrays"),
        ("a.parquet", "", "labelled data are"),
    ],
)
def test_data_that_cannot_be_used_say_what_is_expected(name: str, content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=says):
        read(tmp_path / name, "nlp", None, True)
