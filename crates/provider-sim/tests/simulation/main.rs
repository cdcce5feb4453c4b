//! What the simulated providers promise, asked over HTTP.

mod anthropic;
mod azure;
mod bedrock;
mod gemini;
mod openai;
mod responses;
mod schemas;
mod scripts;
mod support;
mod thinking;
mod vertex;
