//! Figures whose size says that they stand in another unit.

/// From so many times what is expected, a figure is doubted. A unit is taken for another, such as yuan for ten thousand yuan,
/// by a factor of 10,000; what was delivered or lodged may itself be far from what was promised. `assumption`.
const TOO_LARGE: i128 = 100;
/// Up to one part in so many of what is expected, a figure is doubted. Nothing at all is a figure like others. `assumption`.
const TOO_SMALL: i128 = 1_000;

/// Whether a figure looks like one in another unit, against what is expected.
pub(crate) fn is_doubted(figure: i64, expected: i64) -> bool {
    let (size, expected) = (i128::from(figure).abs(), i128::from(expected).abs());
    expected > 0 && size > 0 && (size >= expected * TOO_LARGE || size * TOO_SMALL <= expected)
}
