"""A transformer learns to write, letter by letter, from seven short fables and a rhyme.

It reads ``fables.txt``, which lies beside this program, and learns to tell the next character from
the 32 before it. It writes a few lines before it has learnt anything, and after. What it has
learnt is measured against two simple tables: how often each character occurs, and how often each
follows each other one. A tenth of the text is kept aside: on so short a text the network soon
knows by heart what it has read, and gets no better at what it has not.

Run it with ``python examples/character_transformer.py``; ``--quick`` trains for a moment only,
``--out DIR`` says where the picture goes, and ``--text FILE`` takes another text.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

CONTEXT = 32


class Writer(nn.Module):
    """Scores for the next character, at every place of a text."""

    def __init__(self, characters: int, width: int = 48, heads: int = 4, layers: int = 2) -> None:
        super().__init__()
        self.character = nn.Embedding(characters, width)
        self.place = nn.Embedding(CONTEXT, width)
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(width))
        self.scores = nn.Linear(width, characters)

    def forward(self, text: np.ndarray) -> tg.Tensor:
        """Map numbers of characters (N, L) to scores (N, L, characters)."""
        x = self.character(text) + self.place(np.arange(text.shape[1]))
        return self.scores(self.encoder(x, is_causal=True))  # no place sees what comes after it


def batch(text: np.ndarray, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Take pieces out of the text, and the same pieces one character on."""
    starts = rng.integers(0, len(text) - CONTEXT, size)
    pieces = text[starts[:, None] + np.arange(CONTEXT + 1)]
    return pieces[:, :-1], pieces[:, 1:]


def write(model: Writer, start: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """Go on with a text: draw a character by its probability, append it, and again."""
    text = list(start)
    with tg.no_grad():
        for _ in range(length):
            scores = model(np.array([text[-CONTEXT:]]))[0, -1]
            chances = tg.softmax(scores / 0.7).numpy().astype(float)  # 0.7: a little less daring
            text.append(rng.choice(len(chances), p=chances / chances.sum()))
    return np.array(text)


def entropy(counts: np.ndarray) -> float:
    """Return the loss of whoever knows how often everything occurs, and nothing else."""
    chances = counts[counts > 0] / counts.sum()
    return float(-np.sum(chances * np.log(chances)))


def draw(losses: list[float], held_out: dict[int, float], tables: dict[str, float]) -> Figure:
    """Draw both losses, and as level lines what the tables reach."""
    figure, axes = plt.subplots(figsize=(6.4, 4.2), dpi=150, layout="constrained")
    steps = len(losses)
    axes.plot(losses, color="#b8c9d9", linewidth=0.8)
    smooth = np.convolve(losses, np.full(21, 1 / 21), "valid")
    axes.plot(range(10, 10 + len(smooth)), smooth, label="what it reads")
    axes.plot(list(held_out), list(held_out.values()), label="what it has never read")
    for name, loss in tables.items():
        axes.axhline(loss, color="#595959", linestyle=":", linewidth=1)
        axes.text(steps, loss + 0.05, name, horizontalalignment="right")
    axes.set(xlabel="step", ylabel="loss: cross-entropy per character", ylim=(0, None))
    axes.set_title("Learning to write from seven fables and a rhyme")
    axes.legend(loc="lower left")
    return figure


def main(arguments: Sequence[str] | None = None) -> tuple[list[float], dict[str, float]]:
    """Train, and write before and after; return the losses, and those of the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    parser.add_argument(
        "--out", type=Path, default=Path("character-transformer"), help="folder for the picture"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--text", type=Path, default=Path(__file__).with_name("fables.txt"), help="another text"
    )
    options = parser.parse_args(arguments)
    steps = 60 if options.quick else 1200

    plt.style.use("tableau-colorblind10")
    tg.set_default_dtype("float32")
    tg.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    story = options.text.read_text(encoding="utf-8")
    alphabet = sorted(set(story))
    text = np.array([alphabet.index(character) for character in story])
    kept = len(text) // 10
    train, held_out = text[:-kept], text[-kept:]

    model = Writer(len(alphabet))
    optimizer = optim.AdamW(model.parameters(), lr=3e-3)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    loss_function = nn.CrossEntropyLoss()

    def loss_of(inputs: np.ndarray, targets: np.ndarray) -> tg.Tensor:
        return loss_function(model(inputs).reshape(-1, len(alphabet)), targets.reshape(-1))

    held_batch = batch(held_out, rng, 32)
    pairs = np.zeros((len(alphabet), len(alphabet)))
    np.add.at(pairs, (text[:-1], text[1:]), 1)
    tables = {
        "table of characters": entropy(pairs.sum(axis=0)),
        "table of pairs": entropy(pairs) - entropy(pairs.sum(axis=1)),
    }

    def sample() -> str:
        start = train[:1]
        return "".join(alphabet[i] for i in write(model, start, 160, rng))

    print("Before it has learnt:", sample(), sep="\n", end="\n\n")
    losses, held_losses = [], {}
    for step in range(steps):
        loss = loss_of(*batch(train, rng, 16))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 50 == 0 or step == steps - 1:
            with tg.no_grad():
                held_losses[step] = loss_of(*held_batch).item()
    print(f"After {steps} steps:", sample(), sep="\n", end="\n\n")

    options.out.mkdir(parents=True, exist_ok=True)
    draw(losses, held_losses, tables).savefig(options.out / "losses.png")
    print(f"the picture is in {options.out}")
    return losses, tables


if __name__ == "__main__":
    main()
