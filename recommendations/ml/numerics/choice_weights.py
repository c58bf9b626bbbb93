"""Weights of parts of a score, learnt from choices: a conditional logit model (McFadden 1974)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

MAX_ITERATIONS = 100


def fit_choice_weights(
    features: NDArray[np.float64],
    is_option: NDArray[np.bool_],
    chosen: NDArray[np.int64],
    *,
    prior: NDArray[np.float64],
    prior_strength: float,
) -> NDArray[np.float64]:
    """Return weights w ≥ 0 that maximize the likelihood of the choices.

    P(option) is proportional to exp(w · features of the option). Features have the shape (cases,
    options, features); `is_option` is False where a row is padded; `chosen` is the option that each
    case took. A normal prior keeps the weights near `prior`, so a few cases change little.
    """
    n_cases = len(chosen)
    if not n_cases:
        return prior
    of_chosen = features[np.arange(n_cases), chosen]
    flat = features.reshape(-1, features.shape[2])
    padding = np.where(is_option, 0.0, -np.inf)

    def compute_loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        utilities = (flat @ weights).reshape(is_option.shape) + padding
        highest = utilities.max(axis=1, keepdims=True)
        odds = np.exp(utilities - highest)
        totals = odds.sum(axis=1, keepdims=True)
        likelihood = of_chosen @ weights - (highest + np.log(totals))[:, 0]
        expected = (odds / totals).ravel() @ flat
        away = weights - prior
        loss = -likelihood.sum() + prior_strength * (away @ away)
        return float(loss), expected - of_chosen.sum(axis=0) + 2 * prior_strength * away

    found = minimize(
        compute_loss,
        prior,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(prior),
        options={"maxiter": MAX_ITERATIONS},
    )
    return np.asarray(found.x, dtype=np.float64)


def fit_outcome_weights(
    features: NDArray[np.float64],
    outcomes: NDArray[np.bool_],
    row_weights: NDArray[np.float64],
    *,
    prior: NDArray[np.float64],
    prior_strength: float,
) -> NDArray[np.float64]:
    """Return the weights of a logistic regression: P(outcome) = 1 / (1 + exp(-w · features)).

    Features have the shape (rows, features). A normal prior keeps the weights near `prior`.
    """
    if not len(outcomes):
        return prior

    def compute_loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = features @ weights
        away = weights - prior
        losses = np.logaddexp(0, logits) - outcomes * logits
        errors = row_weights * (1 / (1 + np.exp(-logits)) - outcomes)
        loss = row_weights @ losses + prior_strength * (away @ away)
        return float(loss), errors @ features + 2 * prior_strength * away

    found = minimize(
        compute_loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITERATIONS}
    )
    return np.asarray(found.x, dtype=np.float64)
