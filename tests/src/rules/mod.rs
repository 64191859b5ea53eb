//! The rules of Prometheus that are made: from `collector/prometheus/slo.toml`, and from the catalog.
//!
//! What is written by hand stands in the other files of `collector/prometheus/rules`.

mod at_once;
mod burn;
mod calls;
mod indicators;
mod loaded;
mod objectives;
mod slo;
mod yaml;

use std::fs;

pub use self::at_once::at_once;
pub use self::loaded::{Kind, Rule, loaded};
pub(crate) use self::objectives::ratio;
pub use self::slo::Slo;
use crate::tools::{repository, repository_file};

/// Where the rules are, from the root of the repository.
pub const FOLDER: &str = "collector/prometheus/rules";
/// Where runbooks are.
pub const RUNBOOKS: &str = "https://github.com/phoenix-orch/phoenix-otel/blob/main/docs/runbooks";

const HEADER: &str = "# Made by `cargo test -p phoenix-otel-tests --test rules in_sync`: change";

/// The texts of all files in [`FOLDER`].
///
/// # Panics
///
/// When one cannot be read.
#[track_caller]
pub fn texts() -> String {
    let files = fs::read_dir(repository().join(FOLDER)).unwrap_or_else(|e| panic!("{FOLDER}: {e}"));
    let text = |name: String| repository_file(&format!("{FOLDER}/{name}"));
    files.map(|file| text(file.expect("a file of a folder").file_name().to_string_lossy().into_owned())).collect()
}

/// The files that are made: their names in [`FOLDER`], and what they hold.
pub fn made(slo: &Slo) -> [(&'static str, String); 2] {
    let calls = format!(
        "{HEADER} the services in slo.toml instead.\n#\n# What instrumented functions say, by service and subsystem, for services \
         without the edge's middleware. A subsystem's\n# counters are those of the plain attribute and of its call sets; `counter` says \
         which.\n\ngroups:\n{}",
        calls::group(slo)
    );
    let objectives = format!(
        "{HEADER} slo.toml instead.\n#\n# Series have Sloth's names, with the labels `service` and `slo`. What failed and what was \
         asked is recorded once as a rate over 5\n# minutes; every longer window sums these, which weighs a busy hour more than a quiet \
         one and costs one series a service.\n\ngroups:\n{}{}{}",
        objectives::group(slo),
        indicators::groups(slo),
        burn::group()
    );
    [("calls.yml", calls), ("slo.yml", objectives)]
}
