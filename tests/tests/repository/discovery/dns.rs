//! A minimal DNS server for discovery: A records that the test sets (RFC 1035).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

/// Its address.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 53);
/// The search domain.
pub(crate) const DOMAIN: &str = "phoenix.test";

const HEADER: usize = 12;
const TYPE_A: [u8; 2] = [0, 1];
/// The flags of a response of a recursive resolver.
const ANSWER: [u8; 2] = [0x81, 0x80];
const SERVFAIL: u8 = 2;
const NXDOMAIN: u8 = 3;

/// A running server. It runs until the process ends.
pub(crate) struct Dns(Arc<Mutex<Zone>>);

#[derive(Default)]
struct Zone {
    names: BTreeMap<String, Vec<Ipv4Addr>>,
    fails: bool,
}

impl Dns {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind((ADDRESS, 53)).unwrap_or_else(|e| panic!("{ADDRESS}:53: {e}"));
        let zone = Arc::<Mutex<Zone>>::default();
        let answering = zone.clone();
        thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((length, asker)) = socket.recv_from(&mut question) {
                let answer = answering.lock().expect("the lock is not poisoned").answer(&question[..length]);
                if let Some(answer) = answer {
                    socket.send_to(&answer, asker).expect("a client on loopback");
                }
            }
        });
        Self(zone)
    }

    /// Sets the addresses of a name.
    pub(crate) fn set(&self, name: &str, addresses: &[[u8; 4]]) {
        let addresses = addresses.iter().copied().map(Ipv4Addr::from).collect();
        self.0.lock().expect("the lock is not poisoned").names.insert(format!("{name}.{DOMAIN}"), addresses);
    }

    /// Sets whether the server responds with a failure.
    pub(crate) fn fail(&self, fails: bool) {
        self.0.lock().expect("the lock is not poisoned").fails = fails;
    }
}

impl Zone {
    /// Returns the response to a message with one question, or none for other messages.
    fn answer(&self, message: &[u8]) -> Option<Vec<u8>> {
        let (name, end) = name(message)?;
        let question = message.get(HEADER..end + 4)?;
        let known = self.names.get(&name);
        let status = match known {
            _ if self.fails => SERVFAIL,
            Some(_) => 0,
            None => NXDOMAIN,
        };
        // Clients with IPv6 ask for another record type: the name exists without such records.
        let addresses = known.filter(|_| status == 0 && message.get(end..end + 2) == Some(&TYPE_A));
        let addresses = addresses.map_or(&[][..], Vec::as_slice);

        let mut answer = message.get(..2)?.to_vec();
        answer.extend([ANSWER[0], ANSWER[1] | status, 0, 1, 0, u8::try_from(addresses.len()).ok()?, 0, 0, 0, 0]);
        answer.extend(question);
        for address in addresses {
            // The name of the question, class internet, a TTL of one second, a length of four bytes.
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
            answer.extend(address.octets());
        }
        Some(answer)
    }
}

/// Returns the name of the first question, and the offset of its end.
fn name(message: &[u8]) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut at = HEADER;
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_lowercase());
        at += length;
    }
}
