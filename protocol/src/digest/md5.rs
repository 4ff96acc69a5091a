//! Splits bytes into the blocks of MD5 (RFC 1321). In programs optimised for size, the buffer of
//! the `digest` crate contains checks that can panic, so this module does not use that buffer.

use core::slice;

use md5::block_api::compress;

/// The state of a computation: the hash so far, and the bytes that do not fill a block yet.
#[derive(Clone)]
pub(crate) struct Md5 {
    state: [u32; 4],
    block: [u8; Self::BLOCK],
    /// The number of bytes that have been added so far.
    length: u64,
}

impl Default for Md5 {
    fn default() -> Self {
        let state = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];
        Self { state, block: [0; Self::BLOCK], length: 0 }
    }
}

impl Md5 {
    const BLOCK: usize = 64;

    /// Returns the number of bytes in `block`.
    fn filled(&self) -> usize {
        usize::try_from(self.length & 63).unwrap_or_default()
    }

    pub(crate) fn update(&mut self, mut data: &[u8]) {
        let filled = self.filled();
        self.length = self.length.wrapping_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if filled > 0 {
            data = self.fill(filled, data);
            if data.is_empty() {
                return;
            }
        }
        let (blocks, rest) = data.as_chunks();
        compress(&mut self.state, blocks);
        self.fill(0, rest);
    }

    /// Adds bytes to the block, which already contains `filled` bytes, and hashes the block once it
    /// is full. Returns the rest of `data`, which is empty unless the block was filled.
    fn fill<'d>(&mut self, filled: usize, data: &'d [u8]) -> &'d [u8] {
        let free = self.block.get_mut(filled..).unwrap_or_default();
        let count = free.len().min(data.len());
        free.iter_mut().zip(data).for_each(|(place, byte)| *place = *byte);
        if filled.saturating_add(count) == Self::BLOCK {
            compress(&mut self.state, slice::from_ref(&self.block));
        }
        data.get(count..).unwrap_or_default()
    }

    pub(crate) fn finish(mut self) -> [u8; 16] {
        let bits = self.length.wrapping_mul(8).to_le_bytes();
        // The padding is a 1 bit and then 0 bits. The length follows the padding and ends the last
        // block.
        let zeros = 55_usize.wrapping_sub(self.filled()) & 63;
        self.update(&[0x80]);
        self.update([0; Self::BLOCK].get(..zeros).unwrap_or_default());
        self.update(&bits);
        let mut digest = [0; 16];
        let bytes = self.state.into_iter().flat_map(u32::to_le_bytes);
        digest.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        digest
    }
}
