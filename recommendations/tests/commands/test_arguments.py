"""Options of commands that hold no number and no day are refused in a sentence."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("evaluate_models --cut=yesterday", "--cut: yesterday is not a day, such as 2026-03-01"),
        ("evaluate_models --seed=-1", "--seed: -1 is not a whole number from 0 to 4294967295"),
        ("train_models --seed=one", "--seed: one is not a whole number from 0 to 4294967295"),
        ("model_status --count=0", "--count: 0 is not a whole number from 1 on"),
        ("model_status --count=-5", "--count: -5 is not a whole number from 1 on"),
        ("explain_list home --count=-1", "--count: -1 is not a whole number from 1 on"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(arguments: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command(*arguments.split())
