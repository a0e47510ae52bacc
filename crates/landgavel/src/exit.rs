use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Good,
    /// The answer is no: unsold, a check that fails, a record that does not hold.
    No,
    /// Wrong use, or input that cannot be read.
    WrongUse,
    /// The disk or another part of the world failed.
    WorldFailed,
}

impl Exit {
    /// The number that the caller sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::No => 1,
            Self::WrongUse => 2,
            Self::WorldFailed => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
