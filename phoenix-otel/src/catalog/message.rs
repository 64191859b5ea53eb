//! Builds messages at compile time, where `format!` is not available.

/// A text of bounded length.
pub(crate) struct Message {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Message {
    const CAPACITY: usize = 320;

    pub(crate) const fn new(text: &str) -> Self {
        Self { bytes: [0; Self::CAPACITY], len: 0 }.add(text)
    }

    /// Appends text if there is enough room, else nothing.
    pub(crate) const fn add(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.len + text.len() <= Self::CAPACITY {
            let mut i = 0;
            while i < text.len() {
                self.bytes[self.len] = text[i];
                self.len += 1;
                i += 1;
            }
        }
        self
    }

    pub(crate) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // The bytes come from whole strings.
            Err(_) => "",
        }
    }

    #[track_caller]
    pub(crate) const fn panic(&self) -> ! {
        panic!("{}", self.as_str())
    }
}
