//! Every change of a bundle's bytes, one at a time.
