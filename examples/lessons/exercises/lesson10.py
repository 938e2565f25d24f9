"""Exercises for lesson 10: convolution by hand.

Replace each ``raise`` by your answer. All arguments are NumPy arrays. Loops are
welcome: speed does not matter here.
"""


def convolve(x, kernel):
    """Return the convolution: ``y[i] = sum over k of x[i + k] * kernel[k]``.

    Shapes: ``x`` (length,), ``kernel`` (width,); the result (length - width + 1,). As
    in all libraries of neural networks, the kernel is not turned around.
    """
    raise NotImplementedError("at how many places does the kernel fit?")


def kernel_gradient(x, dy):
    """Return the gradient for the kernel of that convolution.

    Shapes: ``x`` (length,), ``dy`` (length - width + 1,); the result (width,).
    """
    raise NotImplementedError("kernel[k] has met x[i + k] at every place i")


def image_gradient(kernel, dy):
    """Return the gradient for the image of a convolution of images.

    ``y[i, j] = sum over k, l of image[i + k, j + l] * kernel[k, l]``. Shapes:
    ``kernel`` (height, width), ``dy`` (rows, columns); the result (rows + height - 1,
    columns + width - 1).
    """
    raise NotImplementedError("give each pixel back what it has contributed")


def max_pool_backprop(image, dy):
    """Return the gradient for the image of a max-pooling by 2; a stretch.

    ``y[i, j]`` is the largest of the four pixels ``image[2i:2i+2, 2j:2j+2]``. Only that
    pixel has moved y, so only it gets a gradient. No two pixels are alike.
    """
    raise NotImplementedError("find the largest of each four, and give it dy")
