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

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Good => Self::from(0),
            Exit::No => Self::from(1),
            Exit::WrongUse => Self::from(2),
            Exit::WorldFailed => Self::from(3),
        }
    }
}
