"""Programs for sequences, and for fine-tuning, as people write them for PyTorch; they learn here.

What a program and a library are is said in ``test_programs.py``.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from ports.test_programs import HERE, Library, Program, labels, numbers

import tinygrad_edu as tg


def characters(lib: Library) -> Iterator[Any]:
    nn = lib.nn

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Embedding(7, 8)
            self.rnn = nn.LSTM(8, 8, num_layers=2, dropout=lib.dropout)
            self.decoder = nn.Linear(8, 7)

        def forward(self, input: Any, hidden: Any) -> Any:
            output, hidden = self.rnn(self.encoder(input), hidden)
            return self.decoder(output.reshape(-1, 8)), hidden

    model = Model()
    yield {"model": model}
    text = np.arange(90).reshape(30, 3) % 7
    hidden = tuple(lib.tensor(np.zeros((2, 3, 8))) for _ in range(2))
    optimizer = lib.optim.Adam(model.parameters(), lr=5e-2)
    for start in [0, 7, 14, 21] * 3:
        hidden = tuple(part.detach() for part in hidden)
        model.zero_grad()
        output, hidden = model(lib.tensor(text[start : start + 7]), hidden)
        wanted = lib.tensor(text[start + 1 : start + 8].reshape(-1))
        loss = nn.CrossEntropyLoss()(output, wanted)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        yield loss.item()


def translation(lib: Library) -> Iterator[Any]:
    nn, F = lib.nn, lib.F

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(6, 8)
            self.gru = nn.GRU(8, 8, batch_first=True)

        def forward(self, x: Any) -> Any:
            return self.gru(self.embedding(x))

    class Decoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(6, 8)
            self.query, self.key, self.score = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 1)
            self.cell = nn.GRUCell(16, 8)
            self.out = nn.Linear(8, 6)

        def forward(self, memory: Any, hidden: Any, target: Any) -> Any:
            outputs, token = [], target[:, 0] * 0
            for step in range(target.shape[1]):
                scores = self.score(lib.tanh(self.query(hidden)[:, None] + self.key(memory)))
                weights = F.softmax(scores.squeeze(2), dim=-1)
                context = (weights[:, None] @ memory).squeeze(1)
                hidden = self.cell(lib.cat([self.embedding(token), context], dim=1), hidden)
                outputs.append(self.out(hidden))
                token = target[:, step] if step % 2 else lib.argmax(outputs[-1], 1)
            return F.log_softmax(lib.cat([y[:, None] for y in outputs], dim=1), dim=-1)

    encoder, decoder = Encoder(), Decoder()
    yield {"encoder": encoder, "decoder": decoder}
    source = lib.tensor(labels(1, 6, 5, 4))
    target = lib.tensor(labels(1, 6, 5, 4)[:, ::-1].copy())
    optimizers = [lib.optim.Adam(part.parameters(), lr=3e-2) for part in (encoder, decoder)]
    for _ in range(10):
        memory, hidden = encoder(source)
        output = decoder(memory, hidden[0], target)
        loss = nn.NLLLoss()(output.reshape(-1, 6), target.reshape(-1))
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        yield loss.item()


def language_model(lib: Library) -> Iterator[Any]:
    nn, F = lib.nn, lib.F

    class Attention(nn.Module):
        def __init__(self, width: int, heads: int, longest: int) -> None:
            super().__init__()
            self.heads = heads
            self.c_attn = nn.Linear(width, 3 * width)
            self.c_proj = nn.Linear(width, width)
            seen = np.tril(np.ones((longest, longest))).reshape(1, 1, longest, longest)
            self.register_buffer("seen", lib.tensor(seen))

        def forward(self, x: Any) -> Any:
            n, length, width = x.shape
            y = self.c_attn(x).reshape(n, length, 3 * self.heads, width // self.heads)
            y = lib.swap(y, 1, 2)
            q, k, v = (y[:, i * self.heads : (i + 1) * self.heads] for i in range(3))
            scores = (q @ lib.swap(k, -2, -1)) / math.sqrt(width // self.heads)
            scores = lib.hide(scores, self.seen[:, :, :length, :length] == 0)
            y = lib.swap(F.softmax(scores, dim=-1) @ v, 1, 2)
            return self.c_proj(y.reshape(n, length, width))

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.ln_1, self.attn = nn.LayerNorm(width), Attention(width, 2, 6)
            self.ln_2 = nn.LayerNorm(width)
            layers = [nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)]
            self.mlp = nn.Sequential(*layers, nn.Dropout(lib.dropout))

        def forward(self, x: Any) -> Any:
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(9, 8), nn.Embedding(6, 8)
            self.h = nn.ModuleList([Block(8) for _ in range(2)])
            self.ln_f = nn.LayerNorm(8)
            self.lm_head = nn.Linear(8, 9, bias=False)
            self.lm_head.weight = self.wte.weight

        def forward(self, tokens: Any, target: Any) -> Any:
            x = self.wte(tokens) + self.wpe(lib.tensor(np.arange(tokens.shape[1])))
            for block in self.h:
                x = block(x)
            logits = self.lm_head(self.ln_f(x))
            return F.cross_entropy(logits.reshape(-1, 9), target.reshape(-1), ignore_index=-1)

    model = Model()
    yield {"model": model}
    named = list(model.named_parameters())
    plain = [p for name, p in named if name.endswith("bias") or "ln_" in name]
    decayed = [p for name, p in named if not (name.endswith("bias") or "ln_" in name)]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}]
    optimizer = lib.optim.AdamW(groups, lr=3e-2, betas=(0.9, 0.95))
    warm_up = lib.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 4))
    tokens = labels(1, 9, 3, 6)
    for _ in range(12):
        model.zero_grad(set_to_none=True)
        loss = model(lib.tensor(tokens[:, :-1]), lib.tensor(tokens[:, 1:]))
        loss.backward()
        optimizer.step()
        warm_up.step()
        yield loss.item()


def encoder(lib: Library) -> Iterator[Any]:
    nn = lib.nn
    layer = nn.TransformerEncoderLayer(
        d_model=8, nhead=2, dim_feedforward=16, dropout=lib.dropout, batch_first=True
    )
    body, head = nn.TransformerEncoder(layer, num_layers=2), nn.Linear(8, 2)
    yield {"body": body, "head": head}
    x, y = lib.tensor(numbers(1, 8, 5, 8)), lib.tensor(labels(2, 2, 8))
    padding = lib.tensor(np.arange(5) >= 3 + labels(3, 3, 8, 1))
    parameters = [*body.parameters(), *head.parameters()]
    optimizer = lib.optim.NAdam(parameters, lr=5e-3)
    plateau = lib.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
    for _ in range(10):
        optimizer.zero_grad()
        output = head(body(x, src_key_padding_mask=padding)[:, 0])
        loss = nn.CrossEntropyLoss()(output, y)
        loss.backward()
        optimizer.step()
        plateau.step(loss.item())
        yield loss.item()


def fine_tuning(lib: Library) -> Iterator[Any]:
    nn = lib.nn
    features = nn.Sequential(nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(2))
    model = nn.Sequential(features, nn.Flatten(), nn.Linear(12, 2))
    for parameter in features.parameters():
        parameter.requires_grad = False
    average = copy.deepcopy(model).requires_grad_(False)
    yield {"model": model, "average": average}
    x, y = lib.tensor(numbers(1, 16, 2, 8)), lib.tensor(labels(2, 2, 16))
    loader = lib.data.DataLoader(lib.data.TensorDataset(x, y), batch_size=4)
    learning = filter(lambda parameter: parameter.requires_grad, model.parameters())
    optimizer = lib.optim.SGD(learning, lr=0.1, momentum=0.9)
    scheduler = lib.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.3, total_steps=8)
    best = copy.deepcopy(model.state_dict())
    for epoch in range(4):
        if epoch == 2:
            features.requires_grad_(True)
        total = 0.0
        for number, (inputs, targets) in enumerate(loader):
            loss = nn.CrossEntropyLoss()(model(inputs), targets) / 2
            loss.backward()
            total += loss.item()
            if number % 2:
                optimizer.step()
                optimizer.zero_grad()
                scheduler.step()
                with lib.no_grad():
                    for kept, new in zip(average.parameters(), model.parameters()):
                        kept *= 0.9
                        kept += 0.1 * new
        yield total
    model.load_state_dict(best)
    assert all((np.asarray(best[k]) == np.asarray(v)).all() for k, v in model.state_dict().items())


SEQUENCES: list[Program] = [characters, translation, language_model, encoder, fine_tuning]


@pytest.mark.parametrize("program", SEQUENCES, ids=lambda program: program.__name__)
def test_a_ported_program_learns(program: Program) -> None:
    tg.manual_seed(0)
    run = program(HERE)
    next(run)
    losses = list(run)
    assert np.isfinite(losses).all()
    assert min(losses[-3:]) < losses[0] - 0.05 * abs(losses[0])
