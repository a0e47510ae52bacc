use landgavel_base::Quantity;

/// `numerator ÷ denominator` rounded to the nearest integer, halves away from zero.
pub fn mean_half_up(numerator: i128, denominator: i128) -> i128 {
    let (magnitude, divisor) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    let rounded = (2 * magnitude + divisor) / (2 * divisor);
    let rounded = i128::try_from(rounded).expect("a quotient of safe integers");
    if (numerator < 0) == (denominator < 0) { rounded } else { -rounded }
}

/// Points from none at `zero_at` to all at `full_at`, straight between, held at both ends, half up.
///
/// `None` when both ends are the same value.
pub fn score_points(points: Quantity, value: i64, zero_at: i64, full_at: i64) -> Option<Quantity> {
    if zero_at == full_at {
        return None;
    }
    let (span, reached) = (i128::from(full_at) - i128::from(zero_at), i128::from(value) - i128::from(zero_at));
    let most = i128::from(points.quanta());
    let earned = mean_half_up(most * reached, span).clamp(0, most.max(0));
    Quantity::new(i64::try_from(earned).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_rise_straight_and_stop_at_the_ends() {
        let forty = Quantity::new(4000).unwrap();
        let at = |value| score_points(forty, value, 25, 40).unwrap().quanta();
        assert_eq!((at(20), at(25), at(31), at(40), at(50)), (0, 0, 1600, 4000, 4000));
        assert_eq!(score_points(forty, 1, 3, 3), None);
        // Less is better: from 40 down to 20.
        assert_eq!(score_points(forty, 30, 40, 20).unwrap().quanta(), 2000);
    }
}
