"""What is done to all parameters of a model together: clipping gradients, and making a vector."""

from tinygrad_edu.nn.utils import rnn
from tinygrad_edu.nn.utils.clip import clip_grad_norm_, clip_grad_value_
from tinygrad_edu.nn.utils.parameters import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "parameters_to_vector",
    "rnn",
    "vector_to_parameters",
]
