use core::fmt;

/// A ratio in parts per million: 1 % is 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ratio(i64);

impl Ratio {
    /// One whole.
    pub const ONE: Self = Self(1_000_000);
    /// Largest accepted magnitude: a million times the whole.
    pub const MAX_PPM: i64 = 1_000_000_000_000;

    /// Builds from parts per million, or `None` beyond [`Ratio::MAX_PPM`].
    pub const fn from_ppm(ppm: i64) -> Option<Self> {
        if ppm >= -Self::MAX_PPM && ppm <= Self::MAX_PPM { Some(Self(ppm)) } else { None }
    }

    /// Parts per million.
    pub const fn ppm(self) -> i64 {
        self.0
    }
}

/// Shown as a percentage without trailing zeros, for example `37.5 %`.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let (whole, rest) = (magnitude / 10_000, magnitude % 10_000);
        if rest == 0 {
            return write!(f, "{sign}{whole} %");
        }
        let (mut digits, mut width) = (rest, 4);
        while digits % 10 == 0 {
            digits /= 10;
            width -= 1;
        }
        write!(f, "{sign}{whole}.{digits:0width$} %")
    }
}
