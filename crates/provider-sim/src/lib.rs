//! Simulated OpenAI, Anthropic and Gemini upstreams for tests, the demo and benchmarks.
