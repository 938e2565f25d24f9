"""Compiled loops for what NumPy is slow at; needs numba: ``pip install 'tinygrad_edu[fast]'``.

Nothing here is needed, and nothing is used before it is asked for::

    from tinygrad_edu import fast

    fast.enable()

The results are the same, bit for bit. `enable` imports numba, which takes three times as long as
importing NumPy; a loop is compiled when it is first called, about a second for each dtype, and kept
on disk beside this file for later runs.

Read next: ``loops.py``.
"""

from tinygrad_edu.fast.switch import disable, enable

__all__ = ["disable", "enable"]
