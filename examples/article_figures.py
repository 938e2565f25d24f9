"""Draw all of the article's figures from a real training run, and a page that walks through it.

Run it with ``python examples/article_figures.py``; ``--out DIR`` says where the files go.
"""

import argparse
from pathlib import Path

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.article import X, Y
from tinygrad_edu.article.gallery import draw_gallery


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=Path("article-figures"))
    options.add_argument("--iterations", type=int, default=1500)
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)

    # The figures: architecture, graph, gradient descent, chain rule, loss, predictions.
    files, notes = draw_gallery(given.out, given.iterations)

    # A network of one's own, recorded while it learns, as a page with two sliders.
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid())
    optimizer = tg.optim.SGD(model.parameters(), lr=0.5)
    x, y = tg.Tensor(X, name="x"), tg.Tensor(Y, name="y")
    record = tg.record_training()
    for _ in range(given.iterations):
        optimizer.zero_grad()
        with tg.record_lines():  # so that the page can name the line that computed a value
            output = model(x)
            loss = nn.MSELoss(reduction="sum")(output, y)
        loss.backward()
        record.see(loss, output, y)
        optimizer.step()
    files.append(record.explore(given.out / "explorer.html", title="Learning XOR"))

    print(*(f"wrote {path}" for path in files), *notes, sep="\n")


if __name__ == "__main__":
    main()
