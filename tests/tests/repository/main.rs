//! Tests of the repository: the rules of its code, its documentation, its examples.

mod architecture;
mod discovery;
mod documentation;
mod examples;
mod metrics_page;
mod outside_workspace;
mod quickstart;
mod security;
mod surface;
mod tools;
mod variables_page;
mod weight;
