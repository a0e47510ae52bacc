//! The pure sale engine.
