"""A small convolutional network that learns to tell 10 classes of images, in single precision.

Two convolutions of 5 x 5, each with ReLU and max pooling, and a linear layer; batches of 64 images
of 28 x 28; cross-entropy, plain gradient descent. As in photographs and drawings, large parts of
the images are flat, so that many windows of the pooling hold several equal elements: who sends
their gradient to all of them is faster, and wrong. ``python tests/benchmarks/cnn.py --threads 1``

Every contender first trains in double precision, where the weights must agree to 9 digits; what is
timed is single precision, as one trains. Each run starts from the same weights. For the first
contender of this project, the most memory that a step holds is printed below the table.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Run, call_in_new_process, compare

STEPS = 20
BATCH, SIDE, LR = 64, 28, 0.05
SHAPES = {
    "0.weight": (8, 1, 5, 5), "0.bias": (8,), "3.weight": (16, 8, 5, 5), "3.bias": (16,),
    "7.weight": (10, 784), "7.bias": (10,),
}  # fmt: skip
generator = np.random.default_rng(1)
IMAGES = generator.standard_normal((4, BATCH, 1, SIDE, SIDE))
IMAGES[..., :9] = IMAGES[..., -8:] = 0.5
IMAGES[..., :9, :] = IMAGES[..., -8:, :] = 0.5
LABELS = generator.integers(0, 10, (4, BATCH))

Batches = list[tuple[Any, Any]]
Train = Callable[[list[Any], Batches], Any]


def start(dtype: str) -> list[Any]:
    """Draw the weights and biases that training starts from, in PyTorch's layout."""
    generator = np.random.default_rng(0)
    state = []
    for shape in SHAPES.values():
        bound = np.prod(shape[1:]) ** -0.5 if len(shape) > 1 else 0.1
        state.append(generator.uniform(-bound, bound, shape).astype(dtype))
    return state


def measured(train: Callable[[str], Train], wrap: Callable[[Any], Any] = np.asarray) -> Run:
    """Make a run: training in single precision; its result is the one in double precision."""

    def prepare(dtype: str) -> Callable[[int], Any]:
        batches = [(wrap(x.astype(dtype)), wrap(y)) for x, y in zip(IMAGES, LABELS)]
        training, state = train(dtype), start(dtype)
        return lambda steps: training(
            [array.copy() for array in state], [batches[i % 4] for i in range(steps)]
        )

    result = dict(zip(SHAPES, map(np.array, prepare("float64")(3))))
    training = prepare("float32")

    def run() -> dict[str, Any]:
        training(STEPS)
        return result

    return run


def by_hand() -> Run:
    """The derivatives worked out on paper, and the convolution of the textbooks: im2col."""

    def columns(x: Any) -> Any:  # (images, channels, h, w) -> (images * h * w, channels * 25)
        padded = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), (2, 3))
        return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * 25)

    def forward(x: Any, weight: Any, bias: Any) -> Any:
        cols = columns(x)
        y = cols @ weight.reshape(len(weight), -1).T + bias
        y = np.maximum(y, 0).reshape(len(x), *x.shape[2:], -1).transpose(0, 3, 1, 2)
        n, c, h, w = y.shape
        parts = y.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5)
        parts = parts.reshape(n, c, h // 2, w // 2, 4)
        first = parts.argmax(axis=-1)[..., None]
        return np.take_along_axis(parts, first, -1)[..., 0], (cols, first, x.shape)

    def backward(dp: Any, p: Any, weight: Any, saved: Any, need_dx: bool) -> Any:
        cols, first, (n, c, h, w) = saved
        parts = np.zeros((*first.shape[:-1], 4), dp.dtype)
        np.put_along_axis(parts, first, (dp * (p > 0))[..., None], -1)
        dy = parts.reshape(n, -1, h // 2, w // 2, 2, 2).transpose(0, 2, 4, 3, 5, 1)
        dy = dy.reshape(n * h * w, -1)
        dw, db, dx = (dy.T @ cols).reshape(weight.shape), dy.sum(axis=0), None
        if need_dx:
            dcols = (dy @ weight.reshape(len(weight), -1)).reshape(n, h, w, c, 5, 5)
            dx = np.zeros((n, c, h + 4, w + 4), dp.dtype)
            for i, j in np.ndindex(5, 5):
                dx[:, :, i : i + h, j : j + w] += dcols[..., i, j].transpose(0, 3, 1, 2)
            dx = dx[:, :, 2:-2, 2:-2]
        return dw, db, dx

    def train(state: list[Any], batches: Batches) -> list[Any]:
        rows, lr = np.arange(BATCH), state[0].dtype.type(LR)
        for x, y in batches:
            w1, b1, w2, b2, w3, b3 = state
            p1, saved1 = forward(x, w1, b1)
            p2, saved2 = forward(p1, w2, b2)
            flat = p2.reshape(BATCH, -1)
            z = flat @ w3.T + b3
            z -= z.max(axis=1, keepdims=True)
            dz = np.exp(z)
            dz /= dz.sum(axis=1, keepdims=True)
            dz[rows, y] -= 1
            dz /= BATCH
            dw2, db2, dp1 = backward((dz @ w3).reshape(p2.shape), p2, w2, saved2, True)
            dw1, db1, _ = backward(dp1, p1, w1, saved1, False)
            gradients = dw1, db1, dw2, db2, dz.T @ flat, dz.sum(axis=0)
            state = [p - lr * dp for p, dp in zip(state, gradients)]
        return state

    return measured(lambda dtype: train)


def network(library: Any) -> Any:
    """Compose the network of modules, which are called the same here and in PyTorch."""
    nn = library.nn
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(784, 10),
    )  # fmt: skip


def tinygrad_edu() -> Run:
    """Modules, a loss and an optimizer."""
    import tinygrad_edu as tg
    from tinygrad_edu import optim
    from tinygrad_edu.nn.functional import cross_entropy

    def prepare(dtype: str) -> Train:
        tg.set_default_dtype(dtype)
        model = network(tg)

        def train(state: list[Any], batches: Batches) -> list[Any]:
            model.load_state_dict(dict(zip(SHAPES, state)))
            optimizer = optim.SGD(model.parameters(), lr=LR)
            for x, y in batches:
                optimizer.zero_grad()
                cross_entropy(model(x), y).backward()
                optimizer.step()
            return list(model.state_dict().values())

        return train

    return measured(prepare, lambda array: tg.Tensor(array))


def tinygrad_edu_fast() -> Run:
    """The same with compiled loops."""
    from tinygrad_edu import fast

    fast.enable()
    return tinygrad_edu()


def compiled_with(backend: str) -> Run:
    """The same as `tinygrad_edu`, with the whole step compiled."""
    import tinygrad_edu as tg
    from tinygrad_edu import optim
    from tinygrad_edu.nn.functional import cross_entropy
    from tinygrad_edu.program.compiling import compile

    def prepare(dtype: str) -> Train:
        tg.set_default_dtype(dtype)
        model = network(tg)
        optimizer = optim.SGD(model.parameters(), lr=LR)

        def step(x: Any, y: Any) -> None:
            cross_entropy(model(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()

        compiled = compile(step, backend=backend)

        def train(state: list[Any], batches: Batches) -> list[Any]:
            model.load_state_dict(dict(zip(SHAPES, state)))
            for x, y in batches:
                compiled(x, y)
            return list(model.state_dict().values())

        return train

    return measured(prepare, lambda array: tg.Tensor(array))


def tinygrad_edu_compiled() -> Run:
    """Compiled to NumPy calls that write into memory that is there."""
    return compiled_with("numpy")


def tinygrad_edu_fast_compiled() -> Run:
    """Compiled, with the loops of convolutions compiled to machine code."""
    from tinygrad_edu import fast

    fast.enable()
    return compiled_with("numba")


def torch(channels_last: bool = False) -> Run:
    """Modules, a loss and an optimizer in eager PyTorch."""
    import torch

    form = torch.channels_last if channels_last else torch.contiguous_format

    def wrap(array: Any) -> Any:
        tensor = torch.from_numpy(array)
        return tensor.to(memory_format=form) if tensor.ndim == 4 else tensor

    def prepare(dtype: str) -> Train:
        model = network(torch).to(getattr(torch, dtype), memory_format=form)
        loss_function = torch.nn.CrossEntropyLoss()

        def train(state: list[Any], batches: Batches) -> list[Any]:
            model.load_state_dict(dict(zip(SHAPES, map(wrap, state))))
            optimizer = torch.optim.SGD(model.parameters(), lr=LR)
            for x, y in batches:
                optimizer.zero_grad()
                loss_function(model(x), y).backward()
                optimizer.step()
            return [p.detach().numpy() for p in model.parameters()]

        return train

    return measured(prepare, wrap)


def torch_channels_last() -> Run:
    """The same with the order in memory that PyTorch is fastest with."""
    return torch(channels_last=True)


def jax() -> Run:
    """JAX, with the training step compiled: not eager, but what its users write."""
    import jax
    from jax import lax

    jax.config.update("jax_enable_x64", True)

    def block(x: Any, weight: Any, bias: Any) -> Any:
        y = lax.conv_general_dilated(x, weight, (1, 1), "SAME") + bias[:, None, None]
        window = (1, 1, 2, 2)
        return lax.reduce_window(jax.nn.relu(y), -np.inf, lax.max, window, window, "VALID")

    def loss(state: Any, x: Any, y: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = state
        h = block(block(x, w1, b1), w2, b2).reshape(BATCH, -1)
        return -jax.nn.log_softmax(h @ w3.T + b3)[jax.numpy.arange(BATCH), y].mean()

    @jax.jit
    def step(state: Any, x: Any, y: Any) -> Any:
        return [p - LR * dp for p, dp in zip(state, jax.grad(loss)(state, x, y))]

    def train(state: list[Any], batches: Batches) -> Any:
        state = [jax.numpy.asarray(array) for array in state]
        for x, y in batches:
            state = step(state, x, y)
        return jax.block_until_ready(state)

    return measured(lambda dtype: train, jax.numpy.asarray)


def mygrad() -> Run:
    """MyGrad, with its memory guard off."""
    import mygrad as mg
    from mygrad.nnet.activations import relu
    from mygrad.nnet.layers import conv_nd, max_pool
    from mygrad.nnet.losses import softmax_crossentropy

    mg.turn_memory_guarding_off()

    def block(x: Any, weight: Any, bias: Any) -> Any:
        y = conv_nd(x, weight, stride=1, padding=2) + bias.reshape(1, -1, 1, 1)
        return max_pool(relu(y), (2, 2), 2)

    def train(state: list[Any], batches: Batches) -> list[Any]:
        params = w1, b1, w2, b2, w3, b3 = [mg.tensor(array) for array in state]
        for x, y in batches:
            h = block(block(x, w1, b1), w2, b2).reshape(BATCH, -1)
            softmax_crossentropy(mg.matmul(h, w3.T) + b3, y).backward()
            for p in params:
                p.data -= p.data.dtype.type(LR) * p.grad
                p.null_grad()
        return [p.data for p in params]

    return measured(lambda dtype: train)


CONTENDERS = {
    "NumPy by hand": by_hand,
    "tinygrad_edu.nn": tinygrad_edu,
    "tinygrad_edu.nn + fast": tinygrad_edu_fast,
    "tinygrad_edu.nn compile": tinygrad_edu_compiled,
    "tinygrad_edu.nn compile numba": tinygrad_edu_fast_compiled,
    "torch.nn": torch,
    "torch.nn channels_last": torch_channels_last,
    "mygrad": mygrad,
    "jax.jit": jax,
}


def memory_of_a_step() -> tuple[int, int]:
    """Return the most that a training step holds, and the sum of its activations and columns."""
    run = tinygrad_edu()
    run()
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    first, second = 8 * SIDE**2, 16 * (SIDE // 2) ** 2  # elements of an image in either layer
    activations = first * 2 + first // 4 + second * 2 + second // 4 + 10
    columns = 5 * 5 * (1 * SIDE**2 + 8 * (SIDE // 2) ** 2)  # what im2col copies
    return peak, 4 * BATCH * (activations + columns)


if __name__ == "__main__":
    compare(
        f"A network of two convolutions with batches of {BATCH} images, per step",
        CONTENDERS,
        references=("NumPy by hand", "torch.nn"),
        unit="ms",
        parts=STEPS,
    )
    memory = call_in_new_process(memory_of_a_step)
    if not isinstance(memory, str):
        peak, held = memory
        print(
            f"\nA step of tinygrad_edu.nn holds {peak / 2**20:.1f} MiB at most, {peak / held:.2f} "
            f"times its activations and column buffers."
        )
