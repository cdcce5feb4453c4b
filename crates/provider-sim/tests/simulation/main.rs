//! What the simulated providers promise, asked over HTTP.

mod anthropic;
mod gemini;
mod openai;
mod scripts;
mod support;
