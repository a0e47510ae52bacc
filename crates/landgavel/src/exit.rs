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
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Good, Self::No, Self::WrongUse, Self::WorldFailed];

    /// When a program ends so.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Good => "all is well: it holds, it is sold, the check finds no error",
            Self::No => "the answer is no: it does not hold, it is not sold, a round is forged",
            Self::WrongUse => "wrong use, or input that cannot be read",
            Self::WorldFailed => "the world failed: a disk, a server, a line; nothing is said of what was asked",
        }
    }

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
