//! Simulated OpenAI, Anthropic and Gemini upstreams for tests, the demo and benchmarks; and the
//! three clouds that sell their models: Azure, Bedrock and Vertex AI.
//!
//! Nothing here is a model: every answer is made up by fixed rules, and every response says so in
//! the header `x-relay-sim: simulated`. What is faithful are the *shapes*: paths, credentials,
//! bodies, event order, error bodies and headers are those of the real providers.
//!
//! One listener serves all, each below the prefix a host's base URL names:
//! `http://127.0.0.1:PORT/openai/v1`, `.../anthropic/v1`, `.../gemini/v1beta`, `.../azure`,
//! `.../bedrock`, `.../vertex`.
//!
//! ```no_run
//! # async fn example() {
//! use relay_provider_sim::{Reply, Sim};
//!
//! let sim = Sim::start().await;
//! sim.allow_key("openai", "sk-a-test-key");
//! sim.script("openai", Reply::text("Hello from a script."));
//! // ... point a gateway's OpenAI base URL at `sim.openai_url()`, call it, then:
//! let seen = sim.received();
//! assert_eq!(seen[0].header("authorization"), Some("Bearer sk-a-test-key"));
//! # }
//! ```
//!
//! # What it answers when nothing is scripted
//!
//! - A chat turn is echoed: `You said: <the last user text>`.
//! - If tools are offered and the last user text contains a tool's name (or the request forces
//!   one), it calls the tool. A JSON object inside the text becomes the arguments; else they are
//!   made up from the tool's schema.
//! - After a tool's result it says `The tool answered: <the result>`.
//! - `max_tokens` and stop sequences are honoured; a token is a word.
//! - A thought comes before the answer where a script says one; OpenAI's Responses API thinks
//!   unscripted too when thoughts are asked for.
//! - Responses are kept in memory, for the key that made them; one in the background goes a step
//!   further each time it is asked after.
//! - Embeddings are unit vectors that depend on the text alone.
//! - A model whose name begins with `no-such-` is not found; every other name is accepted.

mod answer;
mod anthropic;
mod authenticate;
mod azure;
mod bedrock;
mod connection;
mod control;
mod deliver;
mod embedding;
mod fault;
mod gemini;
mod json;
mod limits;
mod openai;
mod provider;
mod received;
mod reply;
mod serve;
mod sim;
mod state;
mod thoughts;
mod turn;
mod untrusted;
mod vertex;

pub use provider::Provider;
pub use received::Received;
pub use reply::{Hold, Reply};
pub use serve::serve;
pub use sim::Sim;
pub use state::Shared;
