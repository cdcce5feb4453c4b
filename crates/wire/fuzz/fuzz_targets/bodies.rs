//! Whole bodies: peeking, requests and answers of every dialect, written in every other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use relay_wire::{Dialect, client_codec, codec, peek};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(seen) = peek(bytes) {
        let changed = seen.rewritten(bytes, Some("m"), true);
        let seen = peek(&changed).expect("still valid");
        assert_eq!((seen.model(), seen.include_usage()), (Some("m"), true));
    }
    for from in Dialect::ALL {
        let _ = codec(from).decode_error(500, bytes);
        if let Some(Ok(request)) = client_codec(from).map(|from| from.decode_request(bytes)) {
            for to in Dialect::ALL {
                let _ = codec(to).encode_request(&request);
            }
        }
        if let Ok(answer) = codec(from).decode_response(bytes) {
            for to in Dialect::ALL.into_iter().filter_map(client_codec) {
                let body = to.encode_response(&answer).expect("writable");
                to.decode_response(&body).expect("our own");
            }
        }
    }
});
