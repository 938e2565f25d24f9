"""Lesson 12: a character-level model, which says which character comes next.

Look for: guessing costs log(number of characters) for each one. The model pays less,
because it has seen which characters follow which. Asked again and again, it writes.

Read next in the source: ``tinygrad_edu/nn/embedding.py``, then ``recurrent.py``.

Run it with ``python examples/lessons/lesson12_characters.py``; ``--quick`` trains for
fewer steps.
"""

import argparse

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

TEXT = """the tensor walks along the way, it keeps the numbers of the day.
the number asks where it has been, and what it was, and what is seen.
the gradient comes from far away, it walks the same, but back the way.
the weight is moved, the loss is low, the number learns where it can go.
the day is long, the way is far, the tensor keeps what numbers are.
"""
CONTEXT = 4  # so many characters are seen before one is guessed


def windows(text, alphabet):
    """Cut the text into (what is seen, what comes next), as numbers."""
    codes = np.array([alphabet.index(character) for character in text])
    seen = np.stack([codes[i : i + CONTEXT] for i in range(len(codes) - CONTEXT)])
    return seen, codes[CONTEXT:]


def write(model, alphabet, start, length):
    """Let the model go on from a start, drawing each character by its probability."""
    generator = np.random.default_rng(2)
    text = start
    for _ in range(length):
        seen = np.array([[alphabet.index(character) for character in text[-CONTEXT:]]])
        with tg.no_grad():
            chances = tg.softmax(model(tg.Tensor(seen)), axis=-1).numpy()[0]
        text += generator.choice(list(alphabet), p=chances)
    return text


def main(arguments=None):
    parser = argparse.ArgumentParser(description="A character-level model.")
    parser.add_argument("--quick", action="store_true", help="train for fewer steps")
    options = parser.parse_args(arguments)

    tg.manual_seed(0)
    alphabet = "".join(sorted(set(TEXT)))
    seen, following = windows(TEXT, alphabet)
    model = nn.Sequential(
        nn.Embedding(len(alphabet), 8),  # every character becomes 8 numbers, which are learnt
        nn.Flatten(),
        nn.Linear(8 * CONTEXT, 64), nn.Tanh(),
        nn.Linear(64, len(alphabet)),
    )  # fmt: skip
    print(f"guessing costs log({len(alphabet)}) = {np.log(len(alphabet)):.3f}")

    optimizer = optim.Adam(model.parameters(), lr=0.01)
    steps = 60 if options.quick else 150
    for step in range(steps + 1):
        loss = nn.functional.cross_entropy(model(tg.Tensor(seen)), tg.Tensor(following))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % (steps // 3) == 0:
            sample = write(model, alphabet, "the ", 48).replace("\n", "/")
            print(f"step {step:3}: {loss.item():.3f} for each character: {sample}")


if __name__ == "__main__":
    main()
