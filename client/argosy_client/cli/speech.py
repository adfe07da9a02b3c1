# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy speech``: recorded and live speech."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice, TopK

HELP = "Classify and recognize speech, recorded or live."
app = typer.Typer(help=HELP, no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="WAV, FLAC or OGG files.")]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How words are found in what the model hears."""

    beam: Annotated[
        int, typer.Option("--beam", min=0, max=128, help="Transcripts kept while decoding; 0 takes the model's own.")
    ] = 0
    hint: Annotated[
        list[str] | None,
        typer.Option("--hint", help="A phrase that is more likely than usual, or PHRASE=BOOST. May be repeated."),
    ] = None
    language: Annotated[str, typer.Option("--language", help="Language that is spoken, such as en.")] = ""

    @property
    def hints(self) -> list[str | tuple[str, float]]:
        """Hints as the client takes them. Raises ValueError for a boost that is no number."""
        return [_hint(one) for one in self.hint or []]


@app.callback(help=HELP)
def group() -> None:
    """Speech."""


@app.command("classify")
@command
def classify(
    files: Files,
    connection: Connection,
    choice: ModelChoice,
    top_k: TopK = 0,
) -> None:
    """Classify clips, for instance as spoken commands."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.labelled import show_labelled

    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.speech.classify(file, model=choice.model, version=choice.model_version, top_k=top_k),
        )
    show_labelled("file", [(str(file), result) for file, result in done], connection, choice)
    if failed:
        raise typer.Exit(1)


@app.command("recognize")
@command
def recognize(
    files: Files,
    connection: Connection,
    choice: ModelChoice,
    decoding: Decoding,
    alternatives: Annotated[int, typer.Option("--alternatives", min=0, help="Transcripts wanted; 0 takes 1.")] = 0,
    words: Annotated[bool, typer.Option("--words", help="Show each word with its times.")] = False,
) -> None:
    """Recognize the words of clips."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.spoken import show_recognized

    hints = decoding.hints
    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.speech.recognize(
                file,
                model=choice.model,
                version=choice.model_version,
                beam_width=decoding.beam,
                alternatives=alternatives,
                hints=hints,
                language=decoding.language,
            ),
        )
    show_recognized(done, connection, choice, words=words)
    if failed:
        raise typer.Exit(1)


@app.command("stream")
@command
def stream(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A WAV file of 16 bits, or - for raw samples.")],
    connection: Connection,
    choice: ModelChoice,
    decoding: Decoding,
    rate: Annotated[int, typer.Option("--rate", min=1, help="Raw samples in a second.")] = 16_000,
    channels: Annotated[int, typer.Option("--channels", min=1, max=16, help="Channels of raw samples.")] = 1,
    endpoint: Annotated[
        float | None, typer.Option("--endpoint", help="Silence that makes a result final, in seconds; 0.6 by default.")
    ] = None,
    interim: Annotated[
        bool, typer.Option("--interim/--final-only", help="Show results that may change, or final ones alone.")
    ] = True,
    pace: Annotated[bool, typer.Option("--pace", help="Send a file as slowly as it was spoken.")] = False,
) -> None:
    """Recognize words while they are spoken: --timeout does not end a stream."""
    import sys

    from argosy_client import live_audio
    from argosy_client.cli.spoken import show_streamed

    audio = live_audio.raw_pipe(sys.stdin.buffer, rate, channels) if file == "-" else live_audio.wav_file(Path(file))
    with connection.open() as fleet:
        results = fleet.speech.stream(
            live_audio.paced(audio) if pace else audio.pieces,
            audio.rate_hz,
            channels=audio.channels,
            interim=interim,
            endpoint_s=endpoint,
            model=choice.model,
            version=choice.model_version,
            beam_width=decoding.beam,
            hints=decoding.hints,
            language=decoding.language,
        )
        show_streamed(results, connection)


@app.command("detect")
@command
def detect(files: Files, connection: Connection, choice: ModelChoice) -> None:
    """Find where somebody speaks in clips."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.spoken import show_detected

    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.speech.detect(file, model=choice.model, version=choice.model_version),
        )
    show_detected(done, connection)
    if failed:
        raise typer.Exit(1)


@app.command("explain")
@command
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A WAV, FLAC or OGG file.")],
    connection: Connection,
    choice: ModelChoice,
    target: Annotated[str, typer.Option("--target", help="Label to explain; the best one if not given.")] = "",
    segments: Annotated[int, typer.Option("--segments", min=0, help="Parts of the clip; 0 takes 20.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "--explain-to", help="Save a picture as a PNG file.")
    ] = None,
) -> None:
    """Explain which parts of a clip its label rests on."""
    from argosy_client.cli.spoken import show_explained

    with connection.open() as fleet:
        result = fleet.speech.explain(
            file,
            target=target,
            segments=segments,
            picture=output is not None,
            model=choice.model,
            version=choice.model_version,
        )
    if output is not None:
        output.write_bytes(result.picture)
    show_explained(result, connection, choice)


def _hint(text: str) -> str | tuple[str, float]:
    phrase, separator, boost = text.rpartition("=")
    if not separator:
        return text
    try:
        return phrase, float(boost)
    except ValueError:
        raise ValueError(f"--hint is {text!r}; give PHRASE, or PHRASE=BOOST with a number") from None
