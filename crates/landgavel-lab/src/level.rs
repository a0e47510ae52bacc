//! Which vector instructions are used, found out when the program runs.
//!
//! What is computed does not depend on it: every level gives the same bits, and tests hold them to each other.

use pulp::{Scalar, Simd, WithSimd};

/// A set of vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// None beyond what every machine has.
    Portable,
    /// Eight sales at once.
    Avx2,
    /// Sixteen sales at once.
    Avx512,
}

impl Level {
    /// All.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// Those that this machine has, the best last.
    pub fn here() -> Vec<Self> {
        Self::ALL.into_iter().filter(|level| level.is_here()).collect()
    }

    /// The best that this machine has.
    pub fn best() -> Self {
        Self::here().pop().unwrap_or(Self::Portable)
    }

    /// Stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Sales at once.
    pub const fn lanes(self) -> u32 {
        match self {
            Self::Portable => 1,
            Self::Avx2 => 8,
            Self::Avx512 => 16,
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn is_here(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Avx2 => pulp::x86::V3::try_new().is_some(),
            Self::Avx512 => pulp::x86::V4::try_new().is_some(),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_here(self) -> bool {
        self == Self::Portable
    }

    /// Runs work at this level, or at the next lower one that this machine has.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn run<Work: WithSimd>(self, work: Work) -> Work::Output {
        if self == Self::Avx512
            && let Some(simd) = pulp::x86::V4::try_new()
        {
            return Simd::vectorize(simd, work);
        }
        if self >= Self::Avx2
            && let Some(simd) = pulp::x86::V3::try_new()
        {
            return Simd::vectorize(simd, work);
        }
        Scalar.vectorize(work)
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) fn run<Work: WithSimd>(self, work: Work) -> Work::Output {
        Scalar.vectorize(work)
    }
}
