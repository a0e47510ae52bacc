//! Where law meets bytes.
