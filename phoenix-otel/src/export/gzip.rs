//! Compression with gzip (RFC 1952), for scrapes and pushes.

use miniz_oxide::deflate::compress_to_vec;

/// A fast level. A higher level would make the output only a little smaller, because metrics are very regular.
const LEVEL: u8 = 1;

/// The header of a member without name and time, from an unknown operating system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let body = compress_to_vec(bytes, LEVEL);
    // RFC 1952: the size modulo 2^32.
    #[expect(clippy::cast_possible_truncation, reason = "the format requires the size modulo 2^32")]
    let size = bytes.len() as u32;
    [&HEAD[..], &body, &crc32(bytes).to_le_bytes(), &size.to_le_bytes()].concat()
}

/// The checksum of IEEE 802.3, computed eight bytes at a time.
fn crc32(bytes: &[u8]) -> u32 {
    let mut chunks = bytes.chunks_exact(8);
    let mut crc = u32::MAX;
    for chunk in &mut chunks {
        let [a, b, c, d, e, f, g, h] = *chunk else { continue };
        let first = crc ^ u32::from_le_bytes([a, b, c, d]);
        let [a, b, c, d] = first.to_le_bytes();
        let eight = [h, g, f, e, d, c, b, a];
        crc = eight.iter().zip(&TABLES).fold(0, |crc, (byte, table)| crc ^ table[usize::from(*byte)]);
    }
    !chunks.remainder().iter().fold(crc, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        crc >> 8 ^ TABLES[0][usize::from(low ^ byte)]
    })
}

/// The contribution of a byte to the checksum, by the number of bytes that follow it.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut follow = 1;
    while follow < 8 {
        let mut byte = 0;
        while byte < 256 {
            let crc = tables[follow - 1][byte];
            tables[follow][byte] = crc >> 8 ^ tables[0][(crc & 0xff) as usize];
            byte += 1;
        }
        follow += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        /// Decompressed with another implementation, which verifies the checksum and the size.
        #[test]
        fn what_is_compressed_is_read_back(bytes in prop::collection::vec(any::<u8>(), 0..2000), times in 1usize..50) {
            let bytes = bytes.repeat(times);
            let mut read = Vec::new();
            flate2::read::GzDecoder::new(&*gzip(&bytes)).read_to_end(&mut read).unwrap();
            prop_assert_eq!(read, bytes);
        }
    }
}
