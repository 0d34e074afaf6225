//! What pages and publication read.
