//! A random UUID, version 4 of RFC 9562.

use std::hash::{BuildHasher as _, RandomState};
use std::process;

/// A new random UUID.
pub(super) fn random() -> String {
    // Each `RandomState` has new keys from the random source of the system. A forked process inherits them, so the process ID is hashed.
    let [high, low] = [0, 1].map(|half: u8| RandomState::new().hash_one((process::id(), half)));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn each_is_another_and_all_are_of_version_4() {
        let ids: HashSet<_> = (0..1000).map(|_| super::random()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            let parsed = ::uuid::Uuid::parse_str(&id).unwrap();
            assert_eq!((parsed.get_version_num(), parsed.get_variant()), (4, ::uuid::Variant::RFC4122), "{id}");
            assert_eq!(parsed.to_string(), id);
        }
    }
}
