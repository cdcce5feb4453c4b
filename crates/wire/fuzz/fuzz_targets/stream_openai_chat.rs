//! The stream decoder of `openai-chat`.

#![no_main]

mod stream;

use libfuzzer_sys::fuzz_target;
use relay_wire::Dialect;

fuzz_target!(|input: (u8, &[u8])| stream::check(Dialect::OpenAiChat, input.0, input.1));
