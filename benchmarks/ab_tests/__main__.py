"""Simulate experiments, and print how often the figures of A/B tests are wrong.

    python -m benchmarks.ab_tests [--runs 1000]

Everything is seeded: the same command prints the same figures. A thousand runs take some minutes.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter

from benchmarks.ab_tests.simulations import (
    DAYS,
    N_SUBJECTS,
    UNCAPPED_REVENUE,
    Rates,
    measure_interleaving,
    measure_mismatch_alarms,
    measure_misses,
    measure_off_policy_coverage,
    measure_power,
)
from recommendations.trials.metrics import CLICK_THROUGH, CONVERSION, REVENUE

HOLD_OUT_SUBJECTS = 12_000
"""Of them 5 % are held out: with fewer, the analysis refuses to compare revenue."""
HEADER = f"{'':34}{'at the end':>12}{'ever, sequence':>16}{'ever, fixed':>13}{'any claim':>11}"


def main() -> None:
    """Print everything."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000, help="experiments for each figure")
    n_runs: int = parser.parse_args().runs

    print(f"{n_runs} experiments of {N_SUBJECTS} subjects and {DAYS} days, looked at every day\n")
    print("Equal arms: how often an interval excludes 0\n" + HEADER)
    metrics = (CLICK_THROUGH, CONVERSION, REVENUE, UNCAPPED_REVENUE)
    for metric, rates in zip(metrics, measure_misses(metrics, n_runs=n_runs, seed=11), strict=True):
        print_misses(metric.name, rates)
    (rates,) = measure_misses([CLICK_THROUGH], n_runs=n_runs, seed=11, uses_before=True)
    print_misses("click_through, CUPED", rates)
    (rates,) = measure_misses(
        [REVENUE], n_runs=n_runs, seed=11, control_share=0.05, n_subjects=HOLD_OUT_SUBJECTS
    )
    print_misses(f"revenue, hold-out, {HOLD_OUT_SUBJECTS:,}", rates)

    print("\nLists clicked 10 % more often: how often an interval excludes the truth\n" + HEADER)
    clicks, revenue = measure_misses([CLICK_THROUGH, REVENUE], n_runs=n_runs, seed=12, lift=0.1)
    print_misses("click_through", clicks)
    print_misses("revenue", revenue)

    print("\nPower: how often a lift is found by as many subjects as planned for 80 %")
    for metric in (CLICK_THROUGH, CONVERSION):
        print(f"{metric.name:34}{measure_power(metric, n_runs=n_runs, seed=13):>12.1%}")

    print("\nSample ratio: how often 20,000 subjects give the alarm, at the end and on any day")
    for share in (0.5, 0.48):
        at_end, ever = measure_mismatch_alarms(n_runs=2 * n_runs, seed=14, share=share)
        print(f"{f'{share:.0%} in the control, planned 50 %':34}{at_end:>12.2%}{ever:>16.2%}")

    interleaved = measure_interleaving(n_runs=n_runs, seed=15)
    print(f"\nInterleaving: how often a model is found that is clicked {interleaved.lift:.1%} more")
    print(f"{f'A/B test, {interleaved.subjects:,} subjects':34}{interleaved.ab_test:>12.1%}")
    for fraction, power in interleaved.interleaving.items():
        label = f"interleaving, {interleaved.subjects // fraction:,} subjects"
        print(f"{label:34}{power:>12.1%}")
    print(f"{'interleaving, equal models':34}{interleaved.false_positives:>12.1%}")

    print("\nOff-policy: how often the interval of 95 % covers the policy's true value")
    for n_subjects in (300, 1_000, 3_000):
        covered, refused = measure_off_policy_coverage(
            n_runs=max(n_runs // 2, 1), seed=16, n_subjects=n_subjects
        )
        shares = ", ".join(f"{name} {rate:.1%}" for name, rate in covered.items())
        print(f"{f'{n_subjects:,} subjects':34}{shares}; {refused} refused")


def print_misses(label: str, rates: Rates) -> None:
    """Print a line of the table under `HEADER`."""
    print(
        f"{label:34}{rates.at_end:>12.1%}{rates.ever:>16.1%}"
        f"{rates.ever_fixed:>13.1%}{rates.claimed:>11.1%}"
    )


if __name__ == "__main__":
    main()
