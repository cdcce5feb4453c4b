//! A release binary holds the widget and the console: it is built again when they change.
//! Development builds read them from disk and need no rebuild.

fn main() {
    let embeds = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let watched = if embeds { "../target/web" } else { "build.rs" };
    println!("cargo::rerun-if-changed={watched}");
}
