"""All of the article's figures, drawn from a real run, and a page that walks through it.

Run it with ``python examples/article_figures.py``; ``--quick`` trains for a moment only, and
``--out DIR`` says where the files go.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.article import X, Y
from tinygrad_edu.article.gallery import draw_gallery


def main(arguments: Sequence[str] | None = None) -> list[Path]:
    """Train, and draw everything; return the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    parser.add_argument(
        "--out", type=Path, default=Path("article-figures"), help="folder for the files"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    iterations = 100 if options.quick else 1500
    options.out.mkdir(parents=True, exist_ok=True)

    # The figures: architecture, graph, gradient descent, chain rule, loss, predictions.
    files, notes = draw_gallery(options.out, iterations, options.seed)

    # A network of one's own, recorded while it learns, as a page with two sliders.
    tg.manual_seed(options.seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid())
    optimizer = tg.optim.SGD(model.parameters(), lr=0.5)
    x, y = tg.Tensor(X, name="x"), tg.Tensor(Y, name="y")
    record = tg.record_training()
    for _ in range(iterations):
        optimizer.zero_grad()
        with tg.record_lines():  # so that the page can name the line that computed a value
            output = model(x)
            loss = nn.MSELoss(reduction="sum")(output, y)
        loss.backward()
        record.see(loss, output, y)
        optimizer.step()
    files.append(record.explore(options.out / "explorer.html", title="Learning XOR"))

    print(*(f"wrote {path}" for path in files), *notes, sep="\n")
    return files


if __name__ == "__main__":
    main()
