//! Only dependencies. Cargo builds a dependency with the features of the selected packages. With these features, a build of the tests, of
//! the tests with an example, and of the whole workspace use the same features, so each dependency is compiled once.
