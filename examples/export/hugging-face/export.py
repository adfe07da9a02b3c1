# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Hugging Face: a small BERT for sequence classification, made from its configuration with seeded random weights."""

import sys
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification

torch.manual_seed(0)
folder = Path(sys.argv[1])
text = "[UNK] [PAD] a the film story was is good bad dull lovely not very and but"
words = {word: index for index, word in enumerate(text.split())}
tokenizer = Tokenizer(models.WordLevel(words, next(iter(words))))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.save(str(folder / "tokenizer.json"))
sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
labels = {0: "negative", 1: "positive"}
config = BertConfig(vocab_size=len(words), id2label=labels, pad_token_id=1, max_position_embeddings=64, **sizes)
config.save_pretrained(folder)
model = BertForSequenceClassification(config).eval()
ids = torch.randint(2, len(words), (3, 12))
mask = torch.ones_like(ids)
either = {0: "batch", 1: "tokens"}


class Logits(torch.nn.Module):
    """The model with a tensor as its answer, in place of a dictionary."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return model(input_ids=input_ids, attention_mask=attention_mask).logits


names = ["input_ids", "attention_mask"]
torch.onnx.export(
    Logits().eval(),
    (ids, mask),
    folder / "model.onnx",
    input_names=names,
    output_names=["logits"],
    dynamic_shapes=dict.fromkeys(names, either),
    external_data=False,
)
np.savez(folder / "samples.npz", input_ids=ids.numpy(), attention_mask=mask.numpy())
np.savez(folder / "expected.npz", logits=Logits()(ids, mask).detach().numpy())
