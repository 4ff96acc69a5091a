//! MD5 (RFC 1321), written so that no part of it can panic, not even to the eyes of a compiler.

/// The state of a computation: what was hashed, and the bytes that do not fill a block yet.
#[derive(Clone)]
pub(crate) struct Md5 {
    state: [u32; 4],
    block: [u8; Self::BLOCK],
    /// The number of bytes that were added.
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

    /// The number of bytes in `block`.
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
        while let Some((block, rest)) = data.split_first_chunk() {
            compress(&mut self.state, block);
            data = rest;
        }
        self.fill(0, data);
    }

    /// Adds bytes to the block that has this many, and hashes it once it is full. Returns the rest;
    /// it is not empty only if the block was full.
    fn fill<'d>(&mut self, filled: usize, data: &'d [u8]) -> &'d [u8] {
        let free = self.block.get_mut(filled..).unwrap_or_default();
        let count = free.len().min(data.len());
        free.iter_mut().zip(data).for_each(|(place, byte)| *place = *byte);
        if filled.saturating_add(count) == Self::BLOCK {
            compress(&mut self.state, &self.block);
        }
        data.get(count..).unwrap_or_default()
    }

    pub(crate) fn finish(mut self) -> [u8; 16] {
        let bits = self.length.wrapping_mul(8).to_le_bytes();
        // A 1 bit, then 0 bits up to the length, which ends the last block.
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

/// One step of a round: `a = b + ((a + f(b, c, d) + x + t) <<< s)`.
macro_rules! steps {
    ($f:ident: $($a:ident $b:ident $c:ident $d:ident $x:ident $s:literal $t:literal;)*) => {$(
        $a = $a.wrapping_add($f($b, $c, $d)).wrapping_add($x).wrapping_add($t);
        $a = $a.rotate_left($s).wrapping_add($b);
    )*};
}

const fn f(x: u32, y: u32, z: u32) -> u32 {
    z ^ (x & (y ^ z))
}

const fn g(x: u32, y: u32, z: u32) -> u32 {
    y ^ (z & (x ^ y))
}

const fn h(x: u32, y: u32, z: u32) -> u32 {
    x ^ y ^ z
}

const fn i(x: u32, y: u32, z: u32) -> u32 {
    y ^ (x | !z)
}

#[rustfmt::skip]
fn compress(state: &mut [u32; 4], block: &[u8; Md5::BLOCK]) {
    let mut words = [0; 16];
    let (chunks, _) = block.as_chunks();
    words.iter_mut().zip(chunks).for_each(|(word, bytes)| *word = u32::from_le_bytes(*bytes));
    let [x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, xa, xb, xc, xd, xe, xf] = words;
    let [mut a, mut b, mut c, mut d] = *state;
    steps! { f:
        a b c d x0 7 0xd76a_a478; d a b c x1 12 0xe8c7_b756; c d a b x2 17 0x2420_70db; b c d a x3 22 0xc1bd_ceee;
        a b c d x4 7 0xf57c_0faf; d a b c x5 12 0x4787_c62a; c d a b x6 17 0xa830_4613; b c d a x7 22 0xfd46_9501;
        a b c d x8 7 0x6980_98d8; d a b c x9 12 0x8b44_f7af; c d a b xa 17 0xffff_5bb1; b c d a xb 22 0x895c_d7be;
        a b c d xc 7 0x6b90_1122; d a b c xd 12 0xfd98_7193; c d a b xe 17 0xa679_438e; b c d a xf 22 0x49b4_0821;
    }
    steps! { g:
        a b c d x1 5 0xf61e_2562; d a b c x6 9 0xc040_b340; c d a b xb 14 0x265e_5a51; b c d a x0 20 0xe9b6_c7aa;
        a b c d x5 5 0xd62f_105d; d a b c xa 9 0x0244_1453; c d a b xf 14 0xd8a1_e681; b c d a x4 20 0xe7d3_fbc8;
        a b c d x9 5 0x21e1_cde6; d a b c xe 9 0xc337_07d6; c d a b x3 14 0xf4d5_0d87; b c d a x8 20 0x455a_14ed;
        a b c d xd 5 0xa9e3_e905; d a b c x2 9 0xfcef_a3f8; c d a b x7 14 0x676f_02d9; b c d a xc 20 0x8d2a_4c8a;
    }
    steps! { h:
        a b c d x5 4 0xfffa_3942; d a b c x8 11 0x8771_f681; c d a b xb 16 0x6d9d_6122; b c d a xe 23 0xfde5_380c;
        a b c d x1 4 0xa4be_ea44; d a b c x4 11 0x4bde_cfa9; c d a b x7 16 0xf6bb_4b60; b c d a xa 23 0xbebf_bc70;
        a b c d xd 4 0x289b_7ec6; d a b c x0 11 0xeaa1_27fa; c d a b x3 16 0xd4ef_3085; b c d a x6 23 0x0488_1d05;
        a b c d x9 4 0xd9d4_d039; d a b c xc 11 0xe6db_99e5; c d a b xf 16 0x1fa2_7cf8; b c d a x2 23 0xc4ac_5665;
    }
    steps! { i:
        a b c d x0 6 0xf429_2244; d a b c x7 10 0x432a_ff97; c d a b xe 15 0xab94_23a7; b c d a x5 21 0xfc93_a039;
        a b c d xc 6 0x655b_59c3; d a b c x3 10 0x8f0c_cc92; c d a b xa 15 0xffef_f47d; b c d a x1 21 0x8584_5dd1;
        a b c d x8 6 0x6fa8_7e4f; d a b c xf 10 0xfe2c_e6e0; c d a b x6 15 0xa301_4314; b c d a xd 21 0x4e08_11a1;
        a b c d x4 6 0xf753_7e82; d a b c xb 10 0xbd3a_f235; c d a b x2 15 0x2ad7_d2bb; b c d a x9 21 0xeb86_d391;
    }
    let [p, q, r, s] = *state;
    *state = [p.wrapping_add(a), q.wrapping_add(b), r.wrapping_add(c), s.wrapping_add(d)];
}
