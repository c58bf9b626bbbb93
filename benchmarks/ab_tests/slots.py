"""A simulated slot that draws products at random, and policies whose true value is known."""

from dataclasses import dataclass

import numpy as np

from recommendations.trials.off_policy import LoggedChoices
from recommendations.trials.subject_days import FloatArray

N_CHOICES = 20
N_KINDS_OF_SUBJECTS = 4


@dataclass(frozen=True, slots=True)
class SimulatedSlot:
    """Click rates by kind of subject and choice, and how the log draws and the policy would."""

    click_rates: FloatArray
    logged: FloatArray
    policy: FloatArray

    @property
    def true_value(self) -> float:
        """The mean reward of the policy: kinds of subjects are equally frequent."""
        return float((self.policy * self.click_rates).sum(axis=1).mean())


def make_slot(rng: np.random.Generator) -> SimulatedSlot:
    """Make a slot whose log prefers popular choices, and a policy that knows tastes a little."""
    shape = (N_KINDS_OF_SUBJECTS, N_CHOICES)
    click_rates = rng.beta(2, 30, shape)
    popularity = np.tile(click_rates.mean(axis=0), (N_KINDS_OF_SUBJECTS, 1))
    logged = 0.5 * _soften(20 * popularity) + 0.5 / N_CHOICES
    return SimulatedSlot(click_rates, logged, _soften(25 * click_rates))


def draw_log(
    rng: np.random.Generator, slot: SimulatedSlot, n_subjects: int
) -> tuple[LoggedChoices, FloatArray]:
    """Draw subjects who see the slot several times; return the log and the policy row by row."""
    times = 1 + rng.poisson(2, n_subjects)
    subjects = np.repeat(np.arange(n_subjects), times)
    kinds = rng.integers(0, N_KINDS_OF_SUBJECTS, n_subjects)[subjects]
    # A subject's own zeal makes what one subject does alike.
    zeal = rng.gamma(4, 1 / 4, n_subjects)[subjects]
    sums = slot.logged.cumsum(axis=1)[kinds]
    choices = (rng.random(len(subjects))[:, None] >= sums).sum(axis=1).clip(max=N_CHOICES - 1)
    rates = np.minimum(slot.click_rates[kinds, choices] * zeal, 1)
    rewards = (rng.random(len(subjects)) < rates).astype(float)
    log = LoggedChoices(choices, slot.logged[kinds, choices], rewards, subjects)
    return log, slot.policy[kinds]


def _soften(scores: FloatArray) -> FloatArray:
    exponents = np.exp(scores)
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))
