//! Fingerprints, to notice changes of values that may be secrets.

use std::hash::{BuildHasher as _, DefaultHasher, Hasher as _, RandomState};
use std::sync::OnceLock;

/// The hash of what `write` writes. Its keys are random, so that a secret cannot be guessed from its hash.
pub(crate) fn of(write: impl FnOnce(&mut DefaultHasher)) -> u64 {
    static KEYS: OnceLock<RandomState> = OnceLock::new();
    let mut hasher = KEYS.get_or_init(RandomState::new).build_hasher();
    write(&mut hasher);
    hasher.finish()
}
