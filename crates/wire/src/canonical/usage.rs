//! One account of tokens, whatever way the provider counts.

/// Tokens of one answer. Providers define their totals differently; here `input_tokens` always
/// includes what was read from or written to a cache, and `output_tokens` always includes
/// reasoning, so the sum of the two is the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Every token of the prompt, cached ones included.
    pub input_tokens: u64,
    /// Every generated token, reasoning included.
    pub output_tokens: u64,
    /// The part of `input_tokens` that was read from the provider's prompt cache.
    pub cached_read_tokens: u64,
    /// The part of `input_tokens` that was written to the provider's prompt cache, all lifetimes.
    pub cached_write_tokens: u64,
    /// The part of `cached_write_tokens` that was written for one hour.
    pub cached_write_1h_tokens: u64,
    /// The part of `output_tokens` that is reasoning. Zero where the provider does not tell.
    pub reasoning_tokens: u64,
    /// The part of `input_tokens` that is audio.
    pub input_audio_tokens: u64,
    /// The part of `output_tokens` that is audio.
    pub output_audio_tokens: u64,
    /// The part of `input_tokens` that is images.
    pub input_image_tokens: u64,
    /// The part of `output_tokens` that is images.
    pub output_image_tokens: u64,
}

impl Usage {
    /// Input and output together.
    pub const fn total_tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}
