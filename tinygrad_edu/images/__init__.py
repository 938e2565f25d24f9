"""Image classification, from files of images to a trained network and pictures of what it learnt.

Read ``network.py`` and ``job.py``; ``pictures.py`` draws.
"""

from tinygrad_edu.images.job import Options, run
from tinygrad_edu.images.network import network

__all__ = ["Options", "network", "run"]
