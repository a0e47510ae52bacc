//! Landgavel on the command line.
fn main() {}
