//! Only the tests use this edition.
