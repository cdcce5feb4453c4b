//! The key widget: a Leptos form in a closed shadow root.
