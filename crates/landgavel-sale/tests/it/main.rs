//! Tests of the sale engine at its widest surface: commands in, events out.
