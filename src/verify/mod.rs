//! Room: verify.
