use core::fmt;

/// An area in hundredths of a square metre, the resolution of Chinese cadastral areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Area(u64);

impl Area {
    /// Largest area: a million square kilometres, beyond any parcel.
    pub const MAX_HUNDREDTHS: u64 = 100_000_000_000_000;

    /// Builds from hundredths of a square metre.
    pub const fn from_hundredths_m2(hundredths: u64) -> Option<Self> {
        if hundredths <= Self::MAX_HUNDREDTHS { Some(Self(hundredths)) } else { None }
    }

    /// Hundredths of a square metre.
    pub const fn hundredths_m2(self) -> u64 {
        self.0
    }

    /// The exact number of mu: m² · 3 ÷ 2000.
    ///
    /// 15 mu are one hectare. Source: 国务院 1984 order on legal units of measurement and 1990 notice
    /// on land area units; 1 mu = 2000/3 m².
    pub fn mu(self) -> Fraction {
        Fraction::new(u128::from(self.0) * 3, 200_000)
    }

    /// The exact number of square metres.
    pub fn square_metres(self) -> Fraction {
        Fraction::new(u128::from(self.0), 100)
    }
}

/// An exact non-negative fraction, kept in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// Numerator.
    pub numerator: u128,
    /// Denominator, never zero.
    pub denominator: u128,
}

impl Fraction {
    fn new(numerator: u128, denominator: u128) -> Self {
        let divisor = greatest_common_divisor(numerator, denominator);
        Self { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    /// The value rounded to `places` decimals, halves up, as an integer count of the last place.
    pub fn round_half_up(self, places: u32) -> u128 {
        let scaled = self.numerator * 10u128.pow(places);
        (2 * scaled + self.denominator) / (2 * self.denominator)
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// Shown exactly when two decimals suffice, otherwise rounded to two decimals.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.round_half_up(2);
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        match rest {
            0 => write!(f, "{whole}"),
            rest if rest % 10 == 0 => write!(f, "{whole}.{}", rest / 10),
            rest => write!(f, "{whole}.{rest:02}"),
        }
    }
}
