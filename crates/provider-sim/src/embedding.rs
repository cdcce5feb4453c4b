//! Embeddings that depend on nothing but the text and the number of dimensions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A unit vector for a text: equal texts get equal vectors, other texts get others.
pub(crate) fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut state = fnv1a(text.as_bytes());
    let raw: Vec<f32> = (0..dimensions).map(|_| next(&mut state)).collect();
    let length = raw
        .iter()
        .map(|value| value * value)
        .sum::<f32>()
        .sqrt()
        .max(f32::MIN_POSITIVE);
    raw.into_iter().map(|value| value / length).collect()
}

/// OpenAI's `encoding_format: "base64"`: 32-bit floats, little endian.
pub(crate) fn to_base64(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    STANDARD.encode(bytes)
}

/// The hash FNV-1a, for what must differ where its source does and needs no secrecy.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

/// The next number in [-1, 1) of a xorshift64* sequence, on a grid that `f32` holds exactly.
fn next(state: &mut u64) -> f32 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    let bits = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 48;
    let sixteen = u16::try_from(bits).unwrap_or_default();
    f32::from(sixteen) / 32_768.0 - 1.0
}
