//! Room: publish.
