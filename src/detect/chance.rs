//! How likely chance alone is to give what was seen: tails of a few distributions.
//!
//! Detectors ask here before they call something unusual. All functions take time linear in the
//! counts they are given or less, never panic, and answer in 0..=1.

/// Terms of a tail that are added at most; what comes after is far below a double's precision.
const TERMS_MAX: u32 = 2000;

/// Half a chi-squared value from which on the exponential of its negative is soon no normal number.
const HALF_MAX: f64 = 700.0;

/// The natural logarithm of `n!`, by Stirling's series past the first few.
fn ln_factorial(n: u64) -> f64 {
    if n < 16 {
        return (2..=n).map(|factor| (factor as f64).ln()).sum();
    }
    let x = n as f64;
    x * x.ln() - x + 0.5 * (std::f64::consts::TAU * x).ln() + 1.0 / (12.0 * x)
}

/// The chance of `least` or more events where `mean` are usual and each comes by itself: the upper
/// tail of the Poisson distribution.
pub fn poisson_tail(least: u64, mean: f64) -> f64 {
    if least == 0 || mean >= least as f64 {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    let mut term = (least as f64 * mean.ln() - mean - ln_factorial(least)).exp();
    let mut tail = 0.0;
    for step in 1..=TERMS_MAX {
        tail += term;
        term *= mean / (least as f64 + f64::from(step));
        if term < tail * 1e-12 {
            break;
        }
    }
    tail.min(1.0)
}

/// The chance of `least` or more successes in `trials` of the given probability: the upper tail of
/// the binomial distribution.
pub fn binomial_tail(least: u64, trials: u64, probability: f64) -> f64 {
    if least == 0 || probability >= 1.0 {
        return 1.0;
    }
    if least > trials || probability <= 0.0 {
        return 0.0;
    }
    let odds = probability / (1.0 - probability);
    let ln_ways = ln_factorial(trials) - ln_factorial(least) - ln_factorial(trials - least);
    let rest = (trials - least) as f64;
    let mut term =
        (ln_ways + least as f64 * probability.ln() + rest * (1.0 - probability).ln()).exp();
    let mut tail = 0.0;
    for hits in least..=trials.min(least.saturating_add(u64::from(TERMS_MAX))) {
        tail += term;
        term *= odds * (trials - hits) as f64 / (hits + 1) as f64;
    }
    tail.min(1.0)
}

/// The chance of fewer than `count` events where `mean` are usual and each comes by itself: the lower tail of
/// the Poisson distribution, added up from its greatest term in both directions, since the first may be too
/// small for a number where the sum is not.
fn poisson_below(count: u64, mean: f64) -> f64 {
    let Some(last) = count.checked_sub(1) else {
        return 0.0;
    };
    let greatest = last.min(mean as u64);
    let first = (greatest as f64 * mean.ln() - mean - ln_factorial(greatest)).exp();
    let mut tail = first;
    let mut term = first;
    for step in (1..=greatest).rev().take(TERMS_MAX as usize) {
        term *= step as f64 / mean;
        tail += term;
    }
    term = first;
    for step in (greatest + 1..=last).take(TERMS_MAX as usize) {
        term *= mean / step as f64;
        tail += term;
    }
    tail.min(1.0)
}

/// One chance for several independent ones, by Fisher's method ("Statistical Methods for Research
/// Workers", 1925): the tail of the chi-squared distribution with two degrees of freedom for each.
pub fn combined(chances: impl IntoIterator<Item = f64>) -> f64 {
    let (mut half, mut count) = (0.0, 0u32);
    for chance in chances {
        half -= chance.clamp(f64::MIN_POSITIVE, 1.0).ln();
        count += 1;
    }
    // For an even number of degrees the tail is that of a Poisson variable below `count`.
    if half > HALF_MAX {
        return poisson_below(count.into(), half);
    }
    let (mut term, mut tail) = ((-half).exp(), 0.0);
    for step in 1..=count {
        tail += term;
        term *= half / f64::from(step);
    }
    if count == 0 { 1.0 } else { tail.min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-3 * b.abs()
    }

    #[test]
    fn tails_agree_with_tables() {
        assert!(near(poisson_tail(10, 3.0), 0.001_102_5));
        assert!(near(poisson_tail(1, 0.5), 0.393_469));
        assert!(near(poisson_tail(60, 20.0), 5.2e-13) || poisson_tail(60, 20.0) < 1e-11);
        assert!(near(binomial_tail(3, 3, 0.03), 2.7e-5));
        assert!(near(binomial_tail(8, 10, 0.5), 0.054_687_5));
        assert!(near(combined([0.05, 0.05]), 0.017_478_7));
    }

    #[test]
    fn very_many_chances_that_say_little_say_little_together() {
        // Even chances are no surprise, however many there are.
        let even = |count: usize| combined(std::iter::repeat_n(0.5, count));
        assert!(even(900) > 0.99 && even(1024) > 0.99 && even(5000) > 0.99);
        let third = (-1.0f64).exp();
        let some = combined(std::iter::repeat_n(third, 1000));
        assert!((0.45..0.55).contains(&some), "{some}");
        let [below, above] = [699.99, 700.01].map(|half| {
            let chance = (-half / 800.0f64).exp();
            combined(std::iter::repeat_n(chance, 800))
        });
        assert!(near(below, above));
        assert!(combined(std::iter::repeat_n(1e-3, 200)) < 1e-100);
    }

    #[test]
    fn the_ends_are_certain_or_impossible() {
        assert_eq!(
            (
                poisson_tail(0, 1.0),
                poisson_tail(3, 9.0),
                poisson_tail(3, 0.0)
            ),
            (1.0, 1.0, 0.0)
        );
        assert_eq!(
            (
                binomial_tail(4, 3, 0.5),
                binomial_tail(0, 3, 0.5),
                binomial_tail(2, 3, 1.0)
            ),
            (0.0, 1.0, 1.0)
        );
        assert_eq!((combined([]), combined([1.0])), (1.0, 1.0));
        assert!(poisson_tail(u64::MAX, 1e3) == 0.0 && binomial_tail(1 << 40, 1 << 41, 0.1) < 1e-9);
    }
}
