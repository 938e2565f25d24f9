"""Model answers to the exercises of lesson 11."""

import numpy as np


def accuracy(scores, labels):
    """Compare the best class of each sample with the right one."""
    return np.mean(np.argmax(scores, axis=1) == labels)


def softmax(scores):
    """With the largest score at 0, exp is never above 1."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy_gradient(scores, labels):
    """What is said, minus what should be said, divided by the number of samples."""
    gradient = softmax(scores)
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / len(labels)


def classifier_backprop(x, weight, bias, labels):
    """Lesson 4, with another gradient coming from above."""
    dy = cross_entropy_gradient(x @ weight.T + bias, labels)
    return dy.T @ x, dy.sum(axis=0)
