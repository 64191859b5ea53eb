//! Nothing but dependencies. Cargo builds a dependency with the features that the chosen packages ask for. With these, the tests alone,
//! the tests with an example, and the whole workspace ask for the same, so that each dependency is compiled once for all of them.
