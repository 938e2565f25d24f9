"""Model answers to the exercises of lesson 12."""

import numpy as np


def windows(codes, width):
    """The last window must leave one that comes next."""
    places = range(len(codes) - width)
    return np.array([codes[i : i + width] for i in places]), codes[width:]


def embedding_backprop(codes, dy, rows):
    """What was used in several places gets the sum."""
    table = np.zeros((rows, dy.shape[1]))
    for code, row in zip(codes, dy):
        table[code] += row
    return table


def run(x, w, u, start):
    """Every state is made from the one before."""
    states, h = [], start
    for each in x:
        h = np.tanh(w * each + u * h)
        states.append(h)
    return np.array(states)


def run_backprop(x, w, u, start, dh):
    """Backpropagation through time: the chain rule, from the last state to the first."""
    states = run(x, w, u, start)
    before = np.array([start, *states[:-1]])
    d_w = d_u = from_next = 0.0
    for t in reversed(range(len(x))):
        d_sum = (dh[t] + from_next) * (1 - states[t] ** 2)
        d_w += d_sum * x[t]
        d_u += d_sum * before[t]
        from_next = d_sum * u
    return d_w, d_u
