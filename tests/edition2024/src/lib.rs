//! Only the tests are of this edition.
