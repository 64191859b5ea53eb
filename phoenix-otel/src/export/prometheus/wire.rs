//! The wire format of protobuf.

use std::time::{SystemTime, UNIX_EPOCH};

const VARINT: u8 = 0;
const FIXED_64: u8 = 1;
const DELIMITED: u8 = 2;

/// Writes a field with what `write` appends: a message, a string, or packed numbers. The field number is at most 16.
pub(super) fn message(out: &mut Vec<u8>, field: u8, write: impl FnOnce(&mut Vec<u8>)) {
    tag(out, field, DELIMITED);
    delimited(out, write);
}

/// Writes what `write` appends, after its length.
pub(super) fn delimited(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    // Most contents are short, and their length takes one byte. Longer contents are moved.
    let at = out.len();
    out.push(0);
    write(out);
    let length = out.len() - at - 1;
    let mut prefix = [0; 10];
    let size = to_varint(&mut prefix, length as u64);
    if size == 1 {
        out[at] = prefix[0];
    } else {
        out.splice(at..=at, prefix[..size].iter().copied());
    }
}

pub(super) fn string(out: &mut Vec<u8>, field: u8, text: &str) {
    tag(out, field, DELIMITED);
    varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn double(out: &mut Vec<u8>, field: u8, value: f64) {
    tag(out, field, FIXED_64);
    out.extend_from_slice(&value.to_le_bytes());
}

pub(super) fn unsigned(out: &mut Vec<u8>, field: u8, value: u64) {
    tag(out, field, VARINT);
    varint(out, value);
}

/// Writes a field of the type `sint32`.
pub(super) fn signed(out: &mut Vec<u8>, field: u8, value: i32) {
    unsigned(out, field, zigzag(value.into()));
}

/// Writes a `google.protobuf.Timestamp`. A time before 1970 is left out.
pub(super) fn time(out: &mut Vec<u8>, field: u8, time: SystemTime) {
    if let Ok(since) = time.duration_since(UNIX_EPOCH) {
        message(out, field, |out| {
            unsigned(out, 1, since.as_secs());
            unsigned(out, 2, since.subsec_nanos().into());
        });
    }
}

/// The number as which a `sint32` or `sint64` is written: small for a small absolute value.
#[expect(clippy::cast_sign_loss, reason = "the encoding is defined on the bits")]
pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(super) fn varint(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value.to_le_bytes()[0]);
        return;
    }
    let mut bytes = [0; 10];
    let size = to_varint(&mut bytes, value);
    out.extend_from_slice(&bytes[..size]);
}

/// Returns the number of bytes.
fn to_varint(bytes: &mut [u8; 10], mut value: u64) -> usize {
    let mut size = 0;
    while value >= 0x80 {
        bytes[size] = value.to_le_bytes()[0] | 0x80;
        value >>= 7;
        size += 1;
    }
    bytes[size] = value.to_le_bytes()[0];
    size + 1
}

fn tag(out: &mut Vec<u8>, field: u8, kind: u8) {
    varint(out, u64::from(field) << 3 | u64::from(kind));
}
