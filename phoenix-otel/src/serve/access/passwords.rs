//! Verifies passwords against bcrypt hashes.
//!
//! bcrypt is slow on purpose, so one password is verified at a time, and a right one is remembered. A limited number of requests wait, and at
//! most two from one network. So wrong passwords do not delay clients that are remembered, and delay others only for a short time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use crate::config::User;
use crate::lock::lock;

/// How many requests may wait.
const MAX_WAITING: usize = 16;
/// How many of them may come from one network.
const MAX_WAITING_PER_NETWORK: usize = 2;
/// The maximum length of a password in bytes. bcrypt ignores the rest.
const MAX_PASSWORD_BYTES: usize = 72;
/// Salt and hash of no known password, for users that do not exist. Its cost is that of a configured user, so both take the same time.
const UNKNOWN_USER_HASH: &str = "$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Right,
    Wrong,
    /// Too many requests wait.
    Busy,
}

pub(super) struct Passwords {
    /// By user: the hash and the password that fits it.
    verified: Mutex<HashMap<String, (String, Vec<u8>)>>,
    waiting: Arc<Waiting>,
    one_at_a_time: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { verified: Mutex::default(), waiting: Arc::default(), one_at_a_time: Arc::new(Semaphore::new(1)) }
    }
}

impl Passwords {
    pub(super) async fn verify(
        &self,
        users: &[User],
        name: &str,
        mut password: Vec<u8>,
        peer: Option<IpAddr>,
    ) -> Verdict {
        password.truncate(MAX_PASSWORD_BYTES);
        let user = users.iter().find(|user| user.name == name);
        let hash = match user {
            Some(user) => user.hash.expose().to_owned(),
            None => hash_of_unknown_user(users),
        };
        if user.is_some() && self.is_verified(name, &hash, &password) {
            return Verdict::Right;
        }
        let Some(place) = Waiting::enter(&self.waiting, peer) else { return Verdict::Busy };
        // The semaphore is never closed.
        let Ok(turn) = self.one_at_a_time.clone().acquire_owned().await else { return Verdict::Busy };
        let verified = tokio::task::spawn_blocking(move || {
            let (_place, _turn) = (place, turn);
            let fits = bcrypt::verify(&password, &hash).unwrap_or(false);
            fits.then_some((hash, password))
        });
        match (user, verified.await) {
            (Some(_), Ok(Some(verified))) => {
                let mut all = lock(&self.verified);
                all.retain(|name, _| users.iter().any(|user| user.name == *name));
                all.insert(name.to_owned(), verified);
                Verdict::Right
            }
            _ => Verdict::Wrong,
        }
    }

    fn is_verified(&self, name: &str, hash: &str, password: &[u8]) -> bool {
        let all = lock(&self.verified);
        let Some((of_hash, verified)) = all.get(name) else { return false };
        of_hash == hash && verified.ct_eq(password).into()
    }
}

/// A hash for users that do not exist.
fn hash_of_unknown_user(users: &[User]) -> String {
    let cost = users.first().and_then(|user| user.hash.expose().get(..6)).unwrap_or("$2y$10");
    format!("{cost}{UNKNOWN_USER_HASH}")
}

/// The requests that wait, by network.
#[derive(Default)]
struct Waiting(Mutex<HashMap<Option<IpAddr>, usize>>);

/// The network of a client: an IPv4 address, or the first 64 bits of an IPv6 address, since one machine has all addresses below them.
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

impl Waiting {
    fn enter(this: &Arc<Self>, peer: Option<IpAddr>) -> Option<Place> {
        let (mut waiting, network) = (lock(&this.0), peer.map(network));
        let is_full = waiting.values().sum::<usize>() >= MAX_WAITING;
        if is_full || waiting.get(&network).is_some_and(|of_one| *of_one >= MAX_WAITING_PER_NETWORK) {
            return None;
        }
        *waiting.entry(network).or_default() += 1;
        Some(Place { waiting: this.clone(), network })
    }
}

/// RAII guard of a request that waits.
struct Place {
    waiting: Arc<Waiting>,
    network: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = lock(&self.waiting.0);
        if let Some(of_one) = waiting.get_mut(&self.network) {
            *of_one -= 1;
            if *of_one == 0 {
                waiting.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::config::Secret;

    fn user(name: &str, password: &str) -> User {
        User { name: name.to_owned(), hash: Secret::new(bcrypt::hash(password, 4).unwrap()) }
    }

    fn peer(last: u8) -> Option<IpAddr> {
        Some([10, 0, 0, last].into())
    }

    fn poll<F: Future>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
        future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn only_the_password_of_the_user_is_right() {
        let long = "x".repeat(MAX_PASSWORD_BYTES);
        let users = [user("prometheus", "s3cret"), user("grafana", "0ther"), user("long", &long)];
        let passwords = Passwords::default();
        // Twice: the second time the right ones are remembered.
        for _ in 0..2 {
            for (name, password, verdict) in [
                ("prometheus", "s3cret", Verdict::Right),
                ("grafana", "0ther", Verdict::Right),
                ("prometheus", "0ther", Verdict::Wrong),
                ("prometheus", "", Verdict::Wrong),
                ("prometheus", "s3cre", Verdict::Wrong),
                ("prometheus", "s3cret\0", Verdict::Wrong),
                ("Prometheus", "s3cret", Verdict::Wrong),
                ("nobody", "s3cret", Verdict::Wrong),
                ("nobody", "fakepassword", Verdict::Wrong),
                ("", "", Verdict::Wrong),
                ("long", &*long, Verdict::Right),
                ("long", &*format!("{long}y"), Verdict::Right),
                ("long", &long[1..], Verdict::Wrong),
            ] {
                let found = passwords.verify(&users, name, password.into(), peer(1)).await;
                assert_eq!(found, verdict, "{name:?} {password:?}");
            }
        }
        // A new password, and a user that is removed.
        let changed = [user("prometheus", "n3w")];
        for (name, password, verdict) in [
            ("prometheus", "s3cret", Verdict::Wrong),
            ("prometheus", "n3w", Verdict::Right),
            ("grafana", "0ther", Verdict::Wrong),
        ] {
            assert_eq!(passwords.verify(&changed, name, password.into(), None).await, verdict, "{name:?} {password:?}");
        }
        assert_eq!(lock(&passwords.verified).len(), 1, "a removed user is forgotten");
        assert!(lock(&passwords.waiting.0).is_empty());
    }

    #[tokio::test]
    async fn wrong_passwords_do_not_delay_clients_that_are_remembered() {
        let users = [user("prometheus", "s3cret")];
        let passwords = Passwords::default();
        assert_eq!(passwords.verify(&users, "prometheus", "s3cret".into(), None).await, Verdict::Right);
        // A verification that does not end.
        let turn = passwords.one_at_a_time.clone().acquire_owned().await.unwrap();
        let mut waiting: Vec<_> = (0..MAX_WAITING)
            .map(|at| Box::pin(passwords.verify(&users, "prometheus", "wr0ng".into(), peer((at / 2) as u8))))
            .collect();
        assert!(waiting.iter_mut().all(|one| poll(one).is_pending()));
        let mut more = Box::pin(passwords.verify(&users, "prometheus", "wr0ng".into(), peer(99)));
        assert_eq!(poll(&mut more), Poll::Ready(Verdict::Busy));
        let mut right = Box::pin(passwords.verify(&users, "prometheus", "s3cret".into(), peer(0)));
        assert_eq!(poll(&mut right), Poll::Ready(Verdict::Right));
        // Clients that disconnect leave their places.
        waiting.drain(2..);
        let mut of_same = Box::pin(passwords.verify(&users, "prometheus", "s3cret?".into(), peer(0)));
        assert_eq!(poll(&mut of_same), Poll::Ready(Verdict::Busy), "an address has two places");
        let other = Box::pin(passwords.verify(&users, "nobody", "s3cret".into(), peer(1)));
        drop(turn);
        // In the order in which they wait.
        for one in waiting {
            assert_eq!(one.await, Verdict::Wrong);
        }
        assert_eq!(other.await, Verdict::Wrong);
        assert!(lock(&passwords.waiting.0).is_empty());
    }

    #[test]
    fn the_addresses_of_one_network_share_its_places() {
        let waiting = Arc::default();
        let mut enter = |peer: &str| Waiting::enter(&waiting, Some(peer.parse().unwrap()));
        let places = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"].map(&mut enter);
        assert!(places.iter().all(Option::is_some));
        assert!(enter("2001:db8:0:1::3").is_none());
        assert!(enter("2001:db8:0:2::1").is_some());
        let others = ["10.0.0.1", "10.0.0.1", "10.0.0.2"].map(&mut enter);
        assert!(others.iter().all(Option::is_some) && enter("10.0.0.1").is_none() && enter("10.0.0.3").is_some());
        drop(places);
        assert!(enter("2001:db8:0:1::3").is_some());
    }

    #[test]
    fn the_security_page_states_the_limits() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../SECURITY.md")).unwrap();
        let limits = format!("at most {MAX_WAITING} requests wait for that, at most two of them from one");
        assert!(page.contains(&limits) && MAX_WAITING_PER_NETWORK == 2, "SECURITY.md does not say {limits:?}");
    }

    /// Otherwise the time would show which users exist.
    #[test]
    fn a_user_that_does_not_exist_costs_as_much_as_one_that_does() {
        let hash = |text: &str| bcrypt::HashParts::from_str(text).unwrap().get_cost();
        use std::str::FromStr as _;
        assert_eq!(hash(&hash_of_unknown_user(&[user("a", "b")])), 4);
        assert_eq!(hash(&hash_of_unknown_user(&[])), 10);
    }
}
