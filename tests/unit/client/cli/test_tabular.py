# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy tabular``: files of any size, readings as they arrive, explanations."""

import csv
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import grpc
import pyarrow
import pyarrow.parquet
import pytest
from argosy.common.v1.label_pb2 import ScoredLabel
from argosy.status import Problem
from argosy.tabular.v1.tabular_pb2 import Anomaly, Prediction, PredictResponse
from argosy_client.cli.table_files import open_source
from argosy_client.cli.tabular_batch import predict_file
from argosy_client.results import Timing
from argosy_client.tabular_results import TabularResult

from tests.unit.client.cli.conftest import Argosy
from tests.unit.client.fake_fleet import FakeFleet

PREDICT = "/argosy.tabular.v1.TabularService/Predict"


def parquet(file: Path, **columns: Any) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file


def read(file: Path) -> list[dict[str, Any]]:
    if file.suffix == ".parquet":
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(file).to_pylist()
        return rows
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_parquet_goes_in_and_out_with_errors_in_a_column(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    source = parquet(tmp_path / "in.parquet", id=["a", "b", "c"], age=[52, None, 40], fit=[True, False, None])

    result = argosy("tabular", "predict", source, "--out", tmp_path / "out.parquet", "--keep", "id", "--model", "m")

    assert result.exit_code == 0
    assert "3 rows in" in result.stdout
    assert "2 of them with an error" in result.stdout
    assert "model digits, version 3" in result.stdout
    rows = read(tmp_path / "out.parquet")
    assert [(row["row"], row["id"], row["prediction"]) for row in rows] == [
        (1, "a", 151.5),
        (2, "b", None),
        (3, "c", None),
    ]
    assert [row["error"] for row in rows] == [None, *["VALUE_NOT_FINITE: row 0: feature 'age' is nan"] * 2]
    request = fleet.last.request
    assert request.model == "m"
    assert dict(request.rows[0].named) == {"age": 52, "fit": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]  # fmt: skip


def test_csv_goes_in_and_out_with_errors_in_a_column(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("age,id,bmi\n52,x,1\n\nold,y,1\n1,z\n40,w,2\n")

    result = argosy("tabular", "predict", source, "--out", tmp_path / "out.csv", "--keep", "id", "--json")

    assert json.loads(result.stdout) == {
        "file": str(tmp_path / "out.csv"), "rows": 4, "errors": 2, "model": "digits", "version": "3",
    }  # fmt: skip
    rows = read(tmp_path / "out.csv")
    assert [(row["row"], row["id"], row["prediction"]) for row in rows] == [
        *[("1", "x", "151.5"), ("2", "y", ""), ("3", "z", ""), ("4", "w", "151.5")]
    ]
    assert rows[1]["error"] == "line 4: 'old' in column 'age' is not a number"
    assert rows[2]["error"] == "line 5: 2 values for 3 columns"
    assert [dict(row.named) for row in fleet.last.request.rows] == [{"age": 52, "bmi": 1}, {"age": 40, "bmi": 2}]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("prediction", "columns"),
    [
        (Prediction(classes=[ScoredLabel(label="x", score=0.75)]), {"class": "x", "score": 0.75}),
        (Prediction(anomaly=Anomaly(score=3, threshold=2, anomalous=True)), {"score": 3.0, "anomalous": True}),
        (Prediction(values=[1, 2]), {"prediction_1": 1.0, "prediction_2": 2.0}),
    ],
)
def test_columns_are_those_of_the_kind_of_model(
    argosy: Argosy, fleet: FakeFleet, tmp_path: Path, ending: str, prediction: Prediction, columns: dict[str, Any]
) -> None:
    fleet.answers[PREDICT] = PredictResponse(predictions=[prediction])
    source, out = tmp_path / "in.csv", tmp_path / f"out.{ending}"
    source.write_text("age\n1\n")

    assert argosy("tabular", "predict", source, "--out", out).exit_code == 0

    (row,) = read(out)
    del row["row"], row["error"]
    assert row == (columns if ending == "parquet" else {name: str(value) for name, value in columns.items()})


def test_many_parts_keep_their_order(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    source = parquet(tmp_path / "in.parquet", age=[float(n) if n % 3 else None for n in range(1000)])

    result = argosy("tabular", "predict", source, "--out", tmp_path / "out.parquet", "--rows-per-call", 64)

    assert result.exit_code == 0
    assert max(len(one.request.rows) for one in fleet.asked) == 64
    rows = read(tmp_path / "out.parquet")
    assert [row["row"] for row in rows] == list(range(1, 1001))
    assert [row["error"] is None for row in rows] == [n % 3 != 0 for n in range(1000)]


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    def taken(rows: int) -> int:
        source = parquet(tmp_path / "in.parquet", age=[1.0] * rows)
        result = TabularResult((1.0,), (), "m", "1", Timing(1.0))
        tracemalloc.start()
        predict_file(source, tmp_path / "out.csv", [], 256, lambda rows: [result] * len(rows))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    taken(1000)  # what is loaded once
    assert taken(30_000) < taken(3000) + 500_000


def test_where_no_row_can_be_used_there_are_errors_alone(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("age\nold\n")
    assert argosy("tabular", "predict", source, "--out", tmp_path / "out.csv").exit_code == 0
    assert read(tmp_path / "out.csv") == [{"row": "1", "error": "line 2: 'old' in column 'age' is not a number"}]
    assert not fleet.asked


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_call_that_fails_leaves_the_file_that_was_there(
    argosy: Argosy, fleet: FakeFleet, tmp_path: Path, ending: str
) -> None:
    source, out = parquet(tmp_path / "in.parquet", age=[1.0] * 600), tmp_path / f"out.{ending}"
    out.write_text("before")
    fleet.problem = (grpc.StatusCode.NOT_FOUND, Problem("no such model", "MODEL_NOT_FOUND", {}))

    result = argosy("tabular", "predict", source, "--out", out)

    assert (result.exit_code, out.read_text()) == (1, "before")
    assert result.stderr.count("\n") == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "content", "more", "message"),
    [
        ("in.csv", "age,age\n1,2\n", [], "the first line must name each feature once"),
        ("in.csv", "age\n", [], "has no rows"),
        ("in.csv", "age\n1\n", ["--keep", "id"], "no column 'id' to keep; it has age"),
        ("in.csv", "age,row\n1,2\n", ["--keep", "row"], "has a column of that name already"),
        ("in.parquet", "age\n1\n", [], "cannot be read as Parquet"),
        ("text.parquet", None, [], "column 'id' holds string, no numbers; --keep id does not send it"),
    ],
)
def test_files_that_cannot_be_predicted_are_refused_in_one_line(
    argosy: Argosy, tmp_path: Path, name: str, content: str | None, more: list[str], message: str
) -> None:
    source = tmp_path / name
    if content is None:
        parquet(source, id=["a"])
    else:
        source.write_text(content)
    result = argosy("tabular", "predict", source, "--out", tmp_path / "out.csv", *more)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_rows_of_parquet_are_shown_as_those_of_csv(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    source = parquet(tmp_path / "in.parquet", age=[52, 40])
    assert len(json.loads(argosy("tabular", "predict", source, "--json").stdout)) == 2
    assert [dict(row.named) for row in fleet.last.request.rows] == [{"age": 52}, {"age": 40}]
    none = parquet(tmp_path / "none.parquet", age=pyarrow.array([], "int32"))
    assert "has no rows" in argosy("tabular", "predict", none).stderr
    assert "has no rows" in argosy("tabular", "predict", none, "--out", tmp_path / "out.csv").stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_file_is_not_written_over_itself(argosy: Argosy, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("age\n1\n")
    assert "must be another one" in argosy("tabular", "predict", source, "--out", source).stderr
    assert source.read_text() == "age\n1\n"


def test_without_pyarrow_one_line_says_how_to_install_it(
    argosy: Argosy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = parquet(tmp_path / "in.parquet", age=[1.0])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = argosy("tabular", "predict", source, "--out", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "Parquet files need pyarrow: pip install 'argosy[parquet]'" in result.stderr
    assert result.stderr.count("\n") == 1


def test_progress_is_told_by_how_much_of_the_file_was_read(tmp_path: Path) -> None:
    text = tmp_path / "in.csv"
    text.write_text("age\n" + "1.25\n" * 50_000)
    table = parquet(tmp_path / "in.parquet", age=[1.0] * 1000)
    for source in (text, table):
        done = [part.done for part in open_source(source, []).parts(250)]
        assert done == sorted(done)
        assert done[0] <= 0.25
        assert done[-1] == 1.0


def test_watch_tells_a_verdict_for_each_reading(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("age,bmi\n1,2\n,2\n3,x\n")

    result = argosy("tabular", "watch", source, "--step", "2", "--window", "5", "--model", "m")

    assert result.exit_code == 0
    lines = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    assert lines[0] == ["1", "ordinary 1 (threshold 2.5)"]
    assert lines[1] == ["2", "left out: VALUE_NOT_FINITE: row 0 is nan"]
    assert lines[2] == ["3", "ANOMALY 3 (threshold 2.5), most of it age 0.5"]
    assert "model digits, version 3" in result.stdout
    config = fleet.asked[0].request
    assert (config.model, config.config.step, config.config.window) == ("m", 2, 5)
    assert str(fleet.last.request.readings.rows[0].named["bmi"]) == "nan"


def test_watch_in_json_has_one_object_a_line(argosy: Argosy, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("age\n1\n3\n")
    first, second = [json.loads(line) for line in argosy("tabular", "watch", source, "--json").stdout.splitlines()]
    assert (first["reading_count"], first["anomaly"]["anomalous"]) == (1, False)
    assert (second["reading_count"], second["anomaly"]["anomalous"], second["error"]) == (2, True, None)


def test_watch_reads_standard_input(argosy: Argosy, monkeypatch: pytest.MonkeyPatch) -> None:
    from argosy_client.cli.app import app
    from typer.testing import CliRunner

    address = argosy.__closure__[0].cell_contents.address  # type: ignore[attr-defined]
    result = CliRunner().invoke(app, ["tabular", "watch"], input="age\n1\n", env={"ARGOSY_ADDRESS": address})
    assert result.stdout.startswith("       1  ordinary")


@pytest.mark.parametrize(
    ("content", "message"), [("age,bmi\n1\n", "2: 1 values for 2 features"), ("", "has no first line")]
)
def test_a_wrong_line_ends_the_watch_in_one_line(argosy: Argosy, tmp_path: Path, content: str, message: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text(content)
    result = argosy("tabular", "watch", source)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_watch_of_a_missing_file_and_of_a_failing_fleet_is_one_line(
    argosy: Argosy, fleet: FakeFleet, tmp_path: Path
) -> None:
    missing = argosy("tabular", "watch", tmp_path / "none.csv")
    assert (missing.exit_code, missing.stderr) == (1, f"argosy: No such file or directory: {tmp_path / 'none.csv'}\n")
    source = tmp_path / "in.csv"
    source.write_text("age\n1\n")
    fleet.problem = (grpc.StatusCode.INVALID_ARGUMENT, Problem("no", "WINDOW_MISSING", {}))
    failed = argosy("tabular", "watch", source)
    assert (failed.exit_code, failed.stderr) == (1, "argosy: INVALID_ARGUMENT (WINDOW_MISSING): no\n")


def test_explain_shows_the_most_important_feature_first_and_saves_the_picture(
    argosy: Argosy, fleet: FakeFleet, tmp_path: Path
) -> None:
    picture = tmp_path / "why.png"

    result = argosy(
        *("tabular", "explain", "--row", "age=1,bmi=2", "--explain-to", picture),
        *("--target", "t", "--max-evaluations", "99", "--seed", "4"),
    )

    assert result.exit_code == 0
    assert picture.read_bytes() == b"png"
    assert result.stdout.index("bmi") < result.stdout.index("-2.5") < result.stdout.index("+0.5")
    for text in ("age: 3, and 1 without", "42 evaluations", str(picture), "model digits, version 3"):
        assert text in result.stdout
    options = fleet.last.request.options
    assert (options.target, options.max_evaluations, options.seed, options.rendering) == ("t", 99, 4, 1)


def test_explain_in_json_and_of_a_sequence(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("age,bmi\n1,2\n3,4\n")
    found = json.loads(argosy("tabular", "explain", source, "--sequence", "--json").stdout)
    assert found["features"][1] == {"feature": "bmi", "attribution": -2.5}
    assert (found["summary"]["value"], found["summary"]["fidelity"], found["summary"]["rendering"]) == (3, None, None)
    assert list(fleet.last.request.tensor.shape) == [1, 2, 2]


@pytest.mark.parametrize(
    "arguments", [(), ("--row", "a=1", "in.csv"), ("in.csv",), ("--row", "a=x")], ids=["none", "both", "two", "text"]
)
def test_explain_wants_exactly_one_row(argosy: Argosy, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "in.csv").write_text("age\n1\n2\n")
    result = argosy("tabular", "explain", *(tmp_path / each if "." in each else each for each in arguments))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
