//! Room: import.
