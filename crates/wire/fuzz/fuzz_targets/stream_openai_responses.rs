//! The stream decoder of `openai-responses`.

#![no_main]

mod stream;

use libfuzzer_sys::fuzz_target;
use relay_wire::Dialect;

fuzz_target!(|input: (u8, &[u8])| stream::check(Dialect::OpenAiResponses, input.0, input.1));
