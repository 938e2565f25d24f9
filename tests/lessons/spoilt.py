"""Wrong answers, made of the model answers: each line spoils one, as learners do.

Every exercise has to have some, and ``test_spoilt_answers.py`` sees that its check
finds them.
"""

from __future__ import annotations

from typing import NamedTuple


class Spoilt(NamedTuple):
    """A wrong answer.

    Attributes
    ----------
    lesson, exercise : which of the tests has to notice it.
    right, wrong : the text in the file of model answers, and what it is replaced by.
    says : what the message has to contain.
    """

    lesson: str
    exercise: str
    right: str
    wrong: str
    says: str


def table(lesson: str, *rows: tuple[str, str, str, str]) -> list[Spoilt]:
    return [Spoilt(lesson, *row) for row in rows]


TRANSPOSE = "transpose"
SIGN = "the sign is the other way round"
DESCENT = "every one of them is minus the gradient"
SIGMOID = "the derivative of sigmoid is missing"
LOST = "is a return missing"

SPOILT = [
    *table(
        "lesson01",
        ("gradients_by_hand", "c, c, a + b", "c, c, a - b", "c is wrong"),
        ("gradients_by_hand", "c, c, a + b", "a, b, a + b", "right: c"),
        ("gradients_by_hand", "return c, c, a + b", "c, c, a + b", "returned None"),
        ("slope_by_nudging", "/ (2 * step)", "/ step", "the slope of sin at 0.3"),
        ("slope_by_nudging", "(x + step) - function(x - step)",
         "(x - step) - function(x + step)", "and should be"),
        ("count_calls", "met.add(parent)", "met.add((parent, len(met)))", "each was computed once"),
        ("count_calls", "to_visit.pop().parents:", "to_visit.pop().parents[:1]:", "should be 2"),
        ("count_calls", "return len(met)", "return len(met) - 1", "is 0, and should be 1"),
    ),
    *table(
        "lesson02",
        ("along_one_way", "np.cos(x**2)", "np.cos(x)", "x is wrong"),
        ("along_one_way", "np.cos(x**2) * 2 * x", "np.cos(x**2)", "x is wrong"),
        ("along_two_ways", "through_exp + through_sin", "through_exp", "left out"),
        ("along_two_ways", "through_exp + through_sin", "through_exp * through_sin", "x is wrong"),
        ("along_a_chain", "        total *= slope(x)\n        x = function(x)\n",
         "        x = function(x)\n        total *= slope(x)\n", "a chain of 1 steps"),
        ("along_a_chain", "total *= slope(x)", "total += slope(x)", "a chain of 1 steps"),
        ("along_a_chain", "        x = function(x)\n", "", "a chain of 2 steps"),
    ),
    *table(
        "lesson03",
        ("bias_backprop", "dy.sum(axis=0)", "dy", "the sum over axis 0 is missing"),
        ("bias_backprop", "dy.sum(axis=0)", "dy.mean(axis=0)", "as if it were a mean"),
        ("bias_backprop", "dy.sum(axis=0)", "dy.sum(axis=1)", "shape"),
        ("matmul_backprop", "return dy @ w.T, x.T @ dy", "return dy @ w, x.T @ dy", TRANSPOSE),
        ("matmul_backprop", "return dy @ w.T, x.T @ dy", "return dy @ w.T, dy.T @ x", TRANSPOSE),
        ("matmul_backprop", "return dy @ w.T, x.T @ dy", "return x.T @ dy, dy @ w.T", "wrong"),
        ("squared_error_backprop", "/ error.size", "", "is a mean's division by 9 missing"),
        ("squared_error_backprop", "dy = 2 *", "dy =", "a factor of 2 is missing"),
        ("squared_error_backprop", "x @ w - wanted", "wanted - x @ w", DESCENT),
        ("squared_error_backprop", "/ error.size", "/ len(error)", "3 times the right one"),
        ("scores_backprop", "dy.T @ queries", "dy @ queries", "keys is wrong"),
        ("scores_backprop", "dy.T @ queries", "queries.T @ dy", TRANSPOSE),
    ),
    *table(
        "lesson04",
        ("sigmoid_slope", "return s * (1 - s)", "return s * (1 + s)", "x is wrong"),
        ("sigmoid_slope", "return s * (1 - s)",
         "s = 1 / (1 + np.exp(-s))\n    return s * (1 - s)", "was given the sigmoid of it"),
        ("linear", "weight.T + bias", "weight + bias", "3 inputs and 3 units"),
        ("linear", "weight.T + bias", "weight.T", "3 inputs and 3 units"),
        ("layer_backprop", "dy = ds * s * (1 - s)", "dy = ds", SIGMOID),
        ("layer_backprop", "return dy @ weight, dy.T @ x,", "return dy @ weight, x.T @ dy,",
         TRANSPOSE),
        ("layer_backprop", "return dy @ weight,", "return dy @ weight.T,", "x is wrong"),
        ("layer_backprop", "dy.sum(axis=0)", "dy", "the sum over axis 0 is missing"),
        ("gated_backprop", "d_t = dy * s", "d_t = dy", "weight is wrong"),
        ("gated_backprop", "d_s = dy * t", "d_s = -dy * t", SIGN),
        ("gated_backprop", "(d_t * (1 - t**2)).T", "(d_t * (1 - t**2))", "right: gate"),
    ),
    *table(
        "lesson05",
        ("feedforward", "return layer1, sigmoid(layer1 @ weights2)",
         "return layer1, layer1 @ weights2", "output is wrong"),
        ("feedforward", "return layer1, sigmoid(layer1 @ weights2)",
         "return sigmoid(layer1 @ weights2)", "should return 2 values"),
        ("feedforward", "layer1 = sigmoid(x @ weights1)", "layer1 = x @ weights1",
         "layer1 is wrong"),
        ("backprop", "2 * (output - y) * output", "2 * (y - output) * output", DESCENT),
        ("backprop", "2 * (output - y) * output", "(output - y) * output", "a factor of 2"),
        ("backprop", "(d_sum2 @ weights2.T) * layer1 * (1 - layer1)", "d_sum2 @ weights2.T",
         SIGMOID),
        ("backprop", "(d_sum2 @ weights2.T)", "(d_sum2 @ weights2)", "a transpose is missing"),
        ("train", "weights1 - learning_rate * d_weights1", "weights1 + learning_rate * d_weights1",
         "weights1 after 1 steps"),
        ("train", "weights2 = weights2 - learning_rate", "weights2 -= learning_rate",
         "work on a copy"),
        ("train", "learning_rate * d_weights2", "d_weights2", "weights2 after 1 steps"),
        ("deep_backprop", "return gradients[::-1]", "return gradients", "weights[0]"),
        ("deep_backprop", "        error = error @ weights[number].T\n", "", "weights[0]"),
        ("deep_backprop", "layers[number + 1] * (1 - layers[number + 1])",
         "layers[number] * (1 - layers[number])", "weights[0]"),
    ),
    *table(
        "lesson06",
        ("with_ones", "np.ones((len(x), 1))", "np.zeros((len(x), 1))", "wrong in 5 of 20"),
        ("with_ones", "np.hstack([x, np.ones((len(x), 1))])",
         "np.hstack([np.ones((len(x), 1)), x])", "the result is wrong"),
        ("bias_gradient", "return dy.sum(axis=0)", "return dy", "the sum over axis 0 is missing"),
        ("bias_gradient", "dy = 2 * (s - wanted)", "dy = (s - wanted)", "a factor of 2 is missing"),
        ("bias_gradient", "dy = 2 * (s - wanted)", "dy = 2 * (wanted - s)", DESCENT),
        ("backprop", "d_sum1.sum(axis=0)", "d_sum2.sum(axis=0)", "bias1 is wrong"),
        ("backprop", "d_sum1.sum(axis=0)", "d_sum1", "the sum over axis 0 is missing"),
        ("backprop", " * layer1 * (1 - layer1)", "", SIGMOID),
    ),
    *table(
        "lesson07",
        ("tanh_backprop", "1 - t**2", "1 - np.tanh(t) ** 2", "x is wrong"),
        ("tanh_backprop", "return dy * (1 - t**2)", "return 1 - t**2", "x is wrong"),
        ("leaky_relu_backprop", "1, slope)", "1, 0)", "x is wrong"),
        ("leaky_relu_backprop", "1, slope)", "1, 0.1)", "x is wrong"),
        ("leaky_relu_backprop", "x > 0", "x < 0", "x is wrong"),
        ("softplus", "np.logaddexp(x, 0)", "np.logaddexp(x, 1)", "softplus is wrong"),
        ("softplus", "np.logaddexp(x, 0)", "np.log(1 + np.exp(x))", "1000"),
        ("softplus", "np.logaddexp(x, 0)",
         "np.logaddexp(x.detach() if hasattr(x, 'detach') else x, 0)", "lost on the way"),
        ("swish_backprop", "dy * (s + x * s * (1 - s))", "dy * x * s * (1 - s)", "left out"),
        ("swish_backprop", "dy * (s + x * s * (1 - s))", "dy * s", "x is wrong"),
    ),
    *table(
        "lesson08",
        ("descend", "w = w - rate * slope(w)", "w = w + rate * slope(w)", "after 1 steps"),
        ("descend", "w = w - rate * slope(w)", "w = w - slope(w)", "after 1 steps"),
        ("largest_rate", "2 / np.max", "2 / np.min", "does not go closer to"),
        ("largest_rate", "2 / np.max", "1 / np.max", "does not go further from"),
        ("momentum_descend", "momentum * velocity + slope", "velocity + slope", "after 2 steps"),
        ("momentum_descend", "w = w - rate * velocity", "w = w - velocity", "after 1 steps"),
        ("momentum_descend", "momentum * velocity + slope(w)",
         "momentum * velocity + (1 - momentum) * slope(w)", "after 1 steps"),
    ),
    *table(
        "lesson09",
        ("bound", "np.abs(weights) / 4", "np.array(weights) / 4", "[3.0, -2.0, 1.5]"),
        ("bound", "np.abs(weights) / 4", "np.abs(weights) / 2", "and should be"),
        ("bound", "np.abs(weights) / 4", "np.abs(weights) / 8", "is there"),
        ("deep_backprop", "        dy = dy @ weights[number].T\n", "", "weights[0] is wrong"),
        ("deep_backprop", "weights[number].T\n", "weights[number]\n", "weights[0] is wrong"),
        ("deep_backprop", "return gradients[::-1]", "return gradients", "wrong"),
        ("residual_backprop", "return dy + d_sum @ w.T", "return d_sum @ w.T", "left out"),
        ("residual_backprop", "return dy + d_sum @ w.T", "return dy", "x is wrong"),
    ),
    *table(
        "lesson10",
        ("convolve", "len(x) - len(kernel) + 1", "len(x) - len(kernel)", "has shape (4,)"),
        ("convolve", "* kernel) for i", "* kernel[::-1]) for i", "is wrong"),
        ("kernel_gradient", "x[k : k + len(dy)] * dy", "x[k] * dy", "kernel is wrong"),
        ("kernel_gradient", "x[k : k + len(dy)] * dy", "x[: len(dy)] * dy", "kernel is wrong"),
        ("image_gradient", "+= dy[i, j] * kernel", "= dy[i, j] * kernel", "image is wrong"),
        ("image_gradient", "+= dy[i, j] * kernel", "+= dy[i, j] * kernel[::-1, ::-1]",
         "image is wrong"),
        ("max_pool_backprop", "np.argmax(four)", "np.argmin(four)", "image is wrong"),
        ("max_pool_backprop", "dx[2 * i + row, 2 * j + column] = dy",
         "dx[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = dy", "image is wrong"),
    ),
    *table(
        "lesson11",
        ("accuracy", "np.mean(np", "np.sum(np", "is 3, and should be 0.6"),
        ("accuracy", "np.argmax(scores, axis=1)", "np.argmin(scores, axis=1)", "should be 0.6"),
        ("softmax", "scores - scores.max(axis=1, keepdims=True)", "scores", "1000"),
        ("softmax", "powers.sum(axis=1, keepdims=True)", "powers.sum()", "softmax is wrong"),
        ("cross_entropy_gradient", "gradient / len(labels)", "gradient",
         "is a mean's division by 5 missing"),
        ("cross_entropy_gradient", "labels] -= 1", "labels] += 1", "scores is wrong"),
        ("cross_entropy_gradient", "    gradient[np.arange(len(labels)), labels] -= 1\n", "",
         "scores is wrong"),
        ("classifier_backprop", "return dy.T @ x, dy", "return x.T @ dy, dy", TRANSPOSE),
        ("classifier_backprop", "dy.sum(axis=0)", "dy.mean(axis=0)", "as if it were a mean"),
    ),
    *table(
        "lesson12",
        ("windows", "range(len(codes) - width)", "range(len(codes) - width + 1)", "has shape"),
        ("windows", "codes[width:]", "codes[width - 1 : -1]", "what comes next"),
        ("embedding_backprop", "table[code] += row", "table[code] = row", "table is wrong"),
        ("embedding_backprop", "    for code, row in zip(codes, dy):\n        table[code] += row\n",
         "    table[codes] += dy\n", "table is wrong"),
        ("run", "        h = np.tanh(w * each + u * h)\n", "        h = np.tanh(w * each + h)\n",
         "what run returns"),
        ("run", "states, h = [], start", "states, h = [], 0.0", "what run returns"),
        ("run_backprop", "(dh[t] + from_next)", "dh[t]", "is wrong"),
        ("run_backprop", "from_next = d_sum * u", "from_next = d_sum", "is wrong"),
        ("run_backprop", "d_sum * before[t]", "d_sum * states[t]", "u is wrong"),
    ),
    *table(
        "lesson13",
        ("log_cosh", "return dy * np.tanh(x)", "return np.tanh(x)", "log_cosh for x is at fault"),
        ("log_cosh", "return dy * np.tanh(x)", "return -dy * np.tanh(x)", SIGN),
        ("log_cosh", "return dy * np.tanh(x)", "return dy * float(np.tanh(x).sum())", "at fault"),
        ("my_power_of_its_base", "dy * exponent * base **", "dy * base **", "for base is at fault"),
        ("my_power_of_its_base", "base ** (exponent - 1)", "base**exponent", "for base"),
        ("my_power_of_its_exponent", "dy * y * np.log(base)", "dy * np.log(base)", "for exponent"),
        ("my_power_of_its_exponent", "dy * y * np.log(base)", "dy * y", "for exponent is at fault"),
        ("unit_vectors", "(dy - y * (dy * y).sum(axis=-1, keepdims=True))", "dy", "x is at fault"),
        ("unit_vectors", "(dy * y).sum(axis=-1, keepdims=True)", "(dy * y).sum()", "at fault"),
    ),
    *table(
        "lesson14",
        ("sigmoid_curvature", "(1 - 2 * s) * s * (1 - s)", "1 - 2 * s", "x is wrong"),
        ("sigmoid_curvature", "(1 - 2 * s)", "(2 * s - 1)", DESCENT),
        ("newton_step", "p - np.linalg.solve", "p + np.linalg.solve", "its bottom"),
        ("newton_step", "np.linalg.solve(hessian, gradient)", "gradient", "its bottom"),
        ("newton_step", "np.linalg.solve(hessian, gradient)",
         "gradient / np.diag(hessian)", "its bottom"),
        ("hessian_times", "(tg.grad(function)(q) * v).sum()", "tg.grad(function)(q).sum()",
         "the Hessian, multiplied with v,"),
        ("hessian_times", "return tg.grad(along)(p)", "tg.grad(along)(p)", LOST),
    ),
]  # fmt: skip
