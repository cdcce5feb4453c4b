//! The tenant console: a Leptos application in the browser.
