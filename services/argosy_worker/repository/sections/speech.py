# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech."""

from typing import Literal

from pydantic import Field

from argosy_worker.repository.sections.base import ClassOutput, ExplainSection, RelativePath, Section

#: Methods of the domain's service that a model may implement.
METHODS = ("Classify", "Recognize", "StreamingRecognize", "DetectSpeech", "Explain")


class StateTensor(Section):
    """A tensor that a run hands to the next run of the same audio."""

    input: str = Field(description="Graph input, FP32 of a shape that is fixed but for the batch; zeros at the begin.")
    output: str = Field(description="Graph output of the same shape: the input of the next run.")


class RecognizeSection(Section):
    """The contract of a CTC acoustic model; see docs/speech.md."""

    output: str = Field(description="Name of the graph's output, FP32 of shape [batch, steps, tokens].")
    scores: Literal["logits", "log_probabilities"] = Field(
        default="logits", description="What the output holds; logits are turned into probabilities by softmax."
    )
    alphabet_file: RelativePath = Field(
        description="Tokens beside model.yaml: a text file with one a line, in output order, or a Hugging Face "
        "vocab.json. Tokens in angle brackets, such as <pad>, stand for no text."
    )
    blank: int = Field(default=0, ge=0, description="Place of the CTC blank among the tokens.")
    word_delimiter: str = Field(
        default="|", max_length=16, description="Token between words; empty where every token is a word."
    )
    vocabulary_file: RelativePath | None = Field(
        default=None,
        description="Text file beside model.yaml: the only words that a beam of more than 1 writes; null: any.",
    )
    letter_case: Literal["as_is", "lower"] = Field(default="as_is", description="How the text is returned.")
    stride: int = Field(ge=1, le=1_000_000, description="Frames, or samples of a waveform, for one step of the output.")
    attention_mask: str | None = Field(
        default=None, description="Graph input that is 1 for audio and 0 for padding; null where the graph has none."
    )
    states: list[StateTensor] = Field(
        default=[],
        max_length=256,
        description="State of a model that hears audio in pieces; StreamingRecognize needs it.",
    )
    chunk: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Frames, or samples, of one run of a model with states: a multiple of stride.",
    )
    tail_ms: float = Field(
        default=0.0, ge=0, le=10_000, description="Silence put after the audio, in ms, for a model that answers late."
    )
    delay_ms: float = Field(
        default=0.0,
        ge=0,
        le=10_000,
        description="How late the model answers, in ms; subtracted from the times of words.",
    )
    beam_width: int = Field(
        default=1, ge=1, le=128, description="Transcripts kept where a request does not say; 1: greedy."
    )
    languages: list[str] = Field(
        default=[], description="Languages that it knows, such as en; a request for another one is refused. Empty: any."
    )
    max_utterance_seconds: float = Field(
        default=30.0, gt=0, le=600, description="StreamingRecognize: longest time until a result is made final."
    )
    max_stream_seconds: float = Field(
        default=3600.0, gt=0, le=1e6, description="StreamingRecognize: most audio of one stream."
    )
    idle_seconds: float = Field(
        default=60.0, gt=0, le=3600, description="StreamingRecognize: longest time between two messages of a stream."
    )


class DetectSection(Section):
    """How DetectSpeech tells speech from background: by loudness in each band above a floor that follows the noise."""

    threshold_db: float = Field(
        default=3.5,
        gt=0,
        le=60,
        description="Mean level above the floor, over all bands, that is as likely speech as not.",
    )
    min_speech_ms: float = Field(default=150.0, ge=0, le=10_000, description="Shorter segments are dropped.")
    min_silence_ms: float = Field(default=300.0, ge=0, le=10_000, description="Shorter gaps are closed.")
    padding_ms: float = Field(default=50.0, ge=0, le=1_000, description="Added to both ends of a segment.")


class SpeechSection(Section):
    """How an audio clip becomes the graph's input."""

    input: str = Field(description="Name of the graph's input.")
    sample_rate_hz: int = Field(
        ge=1000, le=384000, description="Rate that the model needs, in Hz; clips are resampled to it."
    )
    clip_seconds: float | None = Field(
        default=None,
        gt=0,
        le=600,
        description="Classify: length of the model's window, in seconds; shorter clips are padded with silence, longer "
        "ones cut to their loudest window.",
    )
    max_seconds: float = Field(default=60.0, gt=0, le=3600, description="Longest clip accepted, in seconds.")
    features: Literal["waveform", "log_mel"] = Field(
        default="waveform",
        description="'waveform': FP32 of shape [batch, samples]; 'log_mel': FP32 of shape [batch, frames, mel_bins].",
    )
    frame_samples: int = Field(
        default=400, ge=16, le=65536, description="log_mel: length of a frame (periodic Hann window), in samples."
    )
    hop_samples: int = Field(default=160, ge=1, le=65536, description="log_mel: step between frames, in samples.")
    fft_size: int = Field(
        default=512, ge=16, le=65536, description="log_mel: length of the Fourier transform, in samples."
    )
    mel_bins: int = Field(default=40, ge=1, le=512, description="log_mel: number of mel bands (HTK scale, triangular).")
    mel_low_hz: float = Field(default=20.0, ge=0, description="log_mel: lower edge of the first band, in Hz.")
    mel_high_hz: float | None = Field(
        default=None, description="log_mel: upper edge of the last band, in Hz; null means half the sample rate."
    )
    log_floor: float = Field(
        default=1e-6, gt=0, description="log_mel: added to the power in each band before the natural logarithm."
    )
    normalize: Literal["none", "per_clip"] = Field(
        default="per_clip",
        description="'per_clip': features of a clip are shifted and scaled to mean 0 and standard deviation 1.",
    )
    classify: ClassOutput | None = Field(default=None, description="Output read by Classify.")
    recognize: RecognizeSection | None = Field(default=None, description="Output read by Recognize.")
    detect: DetectSection = Field(default_factory=DetectSection, description="How DetectSpeech works.")
    explain: ExplainSection = Field(default_factory=ExplainSection, description="What Explain may cost.")
