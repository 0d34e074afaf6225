//! Room: books.
