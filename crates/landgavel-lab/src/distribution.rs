//! Named distributions, by their quantiles, and numbers that go together.

use std::fmt;

/// How a quantity is spread over bidders.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Anything between two bounds, equally likely.
    Uniform {
        /// Least.
        low: f64,
        /// Most.
        high: f64,
    },
    /// The bell curve.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Logarithm on the bell curve: never negative, a long tail above.
    LogNormal {
        /// Half lie below.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Waiting times and long tails.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// One of these, equally likely: a table of real firms.
    Table(Vec<f64>),
}

/// Why a distribution cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadDistribution(pub String);

impl fmt::Display for BadDistribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Distribution {
    /// The value below which this share of bidders lies; `share` in (0, 1).
    pub fn quantile(&self, share: f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { low, high } => low + (high - low) * share,
            Self::Normal { mean, sd } => mean + sd * normal_quantile(share),
            Self::LogNormal { median, sigma } => median * (sigma * normal_quantile(share)).exp(),
            Self::Exponential { mean } => -mean * (1.0 - share).ln(),
            Self::Table(values) => values[place(share, values.len())],
        }
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// What is wrong, with the number.
    pub fn checked(mut self) -> Result<Self, BadDistribution> {
        let bad = |text: String| Err(BadDistribution(text));
        match &self {
            Self::Constant(value) if !value.is_finite() => bad(format!("{value} is no number to work with")),
            Self::Uniform { low, high } if !(low.is_finite() && high.is_finite() && low <= high) => {
                bad(format!("the bounds {low} and {high} must be finite, the first not above the second"))
            }
            Self::Normal { mean, sd } if !(mean.is_finite() && sd.is_finite() && *sd >= 0.0) => {
                bad(format!("mean {mean}, sd {sd}: both finite, and sd not below zero"))
            }
            Self::LogNormal { median, sigma }
                if !(median.is_finite() && *median > 0.0 && sigma.is_finite() && *sigma >= 0.0) =>
            {
                bad(format!("median {median}, sigma {sigma}: the median above zero, sigma not below zero"))
            }
            Self::Exponential { mean } if !(mean.is_finite() && *mean > 0.0) => {
                bad(format!("the mean {mean} must be above zero"))
            }
            Self::Table(values) if values.is_empty() || values.iter().any(|value| !value.is_finite()) => {
                bad("a table holds at least one value, and finite ones only".to_owned())
            }
            _ => {
                if let Self::Table(values) = &mut self {
                    values.sort_by(f64::total_cmp);
                }
                Ok(self)
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a short list"
)]
fn place(share: f64, len: usize) -> usize {
    ((share * len as f64) as usize).min(len - 1)
}

/// Quantile of the standard normal distribution for a share in (0, 1); by Wichura's algorithm AS 241 (Applied Statistics 37, 1988),
/// exact to about one part in 10^16.
pub fn normal_quantile(share: f64) -> f64 {
    let middle = share - 0.5;
    if middle.abs() <= 0.425 {
        let r = 0.180_625 - middle * middle;
        return middle * ratio(&CENTRE, r);
    }
    let tail = (-share.min(1.0 - share).ln()).sqrt();
    let value = if tail <= 5.0 { ratio(&NEAR, tail - 1.6) } else { ratio(&FAR, tail - 5.0) };
    value.copysign(middle)
}

/// Numerator and denominator of a rational approximation, from the constant term upward.
type Rational = [[f64; 8]; 2];

fn ratio(of: &Rational, at: f64) -> f64 {
    let [above, below] = of.map(|terms| terms.iter().rev().fold(0.0, |sum, term| sum * at + term));
    above / below
}

const CENTRE: Rational = [
    [
        3.387_132_872_796_366_6,
        133.141_667_891_784_38,
        1_971.590_950_306_551_4,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_855,
    ],
];
const NEAR: Rational = [
    [
        1.423_437_110_749_683_6,
        4.630_337_846_156_545,
        5.769_497_221_460_691,
        3.647_848_324_763_204_6,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_07,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_8e-9,
    ],
];
const FAR: Rational = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_9,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_9,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_7e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

/// Share of the standard normal distribution below a value.
pub fn normal_share(value: f64) -> f64 {
    0.5 * libm::erfc(-value * std::f64::consts::FRAC_1_SQRT_2)
}

/// The correlation of two quantities, by ranks: their normal scores have this correlation (a Gaussian copula).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation(f64);

impl Correlation {
    /// From −1 to 1.
    ///
    /// # Errors
    /// A number beyond them.
    pub fn new(value: f64) -> Result<Self, BadDistribution> {
        if (-1.0..=1.0).contains(&value) {
            return Ok(Self(value));
        }
        Err(BadDistribution(format!("{value} is no correlation: it lies from -1 to 1")))
    }

    /// Makes the second of two independent shares go with the first.
    pub fn tie(self, first: f64, second: f64) -> f64 {
        if self.0 == 0.0 {
            return second;
        }
        let score = self.0 * normal_quantile(first) + (1.0 - self.0 * self.0).sqrt() * normal_quantile(second);
        normal_share(score).clamp(1e-15, 1.0 - 1e-15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_textbook_ones() {
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-14);
        for share in [1e-300, 1e-20, 1e-9, 0.01, 0.07, 0.0750001, 0.3, 0.5, 0.9, 0.99, 1.0 - 1e-9] {
            let back = normal_share(normal_quantile(share));
            assert!((back - share).abs() <= 1e-12 * share, "{share}: {back}");
        }
        let spread = Distribution::LogNormal { median: 30.0, sigma: 0.5 };
        assert!((spread.quantile(0.5) - 30.0).abs() < 1e-9);
        assert!((Distribution::Exponential { mean: 2.0 }.quantile(0.5) - 2.0 * 2f64.ln()).abs() < 1e-12);
        let table = Distribution::Table(vec![3.0, 1.0, 2.0]).checked().unwrap();
        assert_eq!([0.1, 0.5, 0.9].map(|share| table.quantile(share)), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert!(Distribution::Normal { mean: 0.0, sd: -1.0 }.checked().is_err());
        assert!(Distribution::Uniform { low: 2.0, high: 1.0 }.checked().is_err());
        assert!(Distribution::Table(vec![]).checked().is_err());
        assert!(Correlation::new(1.01).is_err() && Correlation::new(f64::NAN).is_err());
    }

    #[test]
    fn full_correlation_is_the_same_rank() {
        let same = Correlation::new(1.0).unwrap();
        assert!((same.tie(0.3, 0.9) - 0.3).abs() < 1e-9);
    }
}
