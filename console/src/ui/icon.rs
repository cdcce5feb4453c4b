//! Line icons on a 20-unit grid and the wordmark, all drawn for Relay.

use leptos::prelude::*;

/// A line icon. Decorative: the words beside it say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Home,
    Flag,
    List,
    People,
    Key,
    Plug,
    Plus,
    Copy,
    Check,
    Alert,
    Refresh,
    Menu,
    Close,
    Eye,
    Sun,
    Moon,
    Screen,
    Exit,
    Out,
    Back,
    Bars,
    Shield,
    Cube,
    Download,
    Down,
    Gear,
    Team,
    Bell,
    Book,
    Lock,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Home => "M3.5 9 10 3.5 16.5 9v7.5h-4.75V12h-3.5v4.5H3.5z",
            Self::Flag => "M5 17V3.5M5 4.5c3-1.6 5.5 1.4 10 0v7c-4.5 1.4-7-1.6-10 0",
            Self::List => "M3.5 5.5h13M3.5 10h13M3.5 14.5h8",
            Self::People => {
                "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 16.5c.4-3 2.6-4.5 5.5-4.5s5.1 1.5 5.5 4.5M13 3.9a3 3 0 0 1 0 5.2M15 12.6c1.7.6 2.7 1.9 3 3.9"
            }
            Self::Key => {
                "M7 16a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM9.6 10.2 16.5 3.5M13 7l2.5 2.5"
            }
            Self::Plug => "M7 3v4M13 3v4M4.5 7h11v2.5a5.5 5.5 0 0 1-11 0zM10 15v3",
            Self::Plus => "M10 4v12M4 10h12",
            Self::Copy => "M7 7h9.5v9.5H7zM4.5 13H3.5V3.5H13v1",
            Self::Check => "m4 10.5 4 4 8-9",
            Self::Alert => "M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.2v.1",
            Self::Refresh => "M16 10a6 6 0 1 1-1.8-4.3M16.5 3v3.5H13",
            Self::Menu => "M3 6h14M3 10h14M3 14h14",
            Self::Close => "m5 5 10 10M15 5 5 15",
            Self::Eye => {
                "M2.5 10s2.7-5 7.5-5 7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5ZM10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z"
            }
            Self::Sun => {
                "M10 13.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM10 2v1.6M10 16.4V18M2 10h1.6M16.4 10H18M4.4 4.4l1.1 1.1M14.5 14.5l1.1 1.1M15.6 4.4l-1.1 1.1M5.5 14.5l-1.1 1.1"
            }
            Self::Moon => "M16.5 11.6A6.8 6.8 0 0 1 8.4 3.5a6.8 6.8 0 1 0 8.1 8.1Z",
            Self::Screen => "M3 4.5h14v9H3zM7.5 16.5h5M10 13.5v3",
            Self::Exit => "M8 3.5H4v13h4M12 6.5l3.5 3.5-3.5 3.5M15.2 10H8",
            Self::Shield => {
                "M10 2.8 16 5v4.6c0 3.6-2.4 6.2-6 7.6-3.6-1.4-6-4-6-7.6V5zM7.4 9.8l1.9 1.9 3.4-3.6"
            }
            Self::Cube => {
                "M10 2.8 16.5 6.4v7.2L10 17.2l-6.5-3.6V6.4zM3.6 6.5 10 10l6.4-3.5M10 10v7"
            }
            Self::Bars => "M3.5 16.5h13M5.5 13.5V9M10 13.5v-9M14.5 13.5V7",
            Self::Download => "M10 3.5v9M6 9l4 4 4-4M3.5 16.5h13",
            Self::Back => "M12 4.5 6.5 10l5.5 5.5",
            Self::Down => "m5 7.5 5 5 5-5",
            Self::Gear => {
                "M10 12.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2ZM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M15.3 4.7l-1.4 1.4M6.1 13.9l-1.4 1.4"
            }
            Self::Team => {
                "M10 10a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 10 10ZM4 16.5c.5-2.8 3-4 6-4s5.5 1.2 6 4"
            }
            Self::Bell => "M5 13.5V9a5 5 0 0 1 10 0v4.5l1.2 1.5H3.8zM8.5 17.3h3",
            Self::Book => {
                "M4 4.5c2-.8 4.2-.6 6 .7 1.8-1.3 4-1.5 6-.7v11c-2-.8-4.2-.6-6 .7-1.8-1.3-4-1.5-6-.7zM10 5.2v11"
            }
            Self::Lock => "M5 9.5h10v7H5zM7 9.5V7a3 3 0 0 1 6 0v2.5",
            Self::Out => "M8 4.5H4.5v11h11V12M11.5 4.5h4v4M15.3 4.7 9.5 10.5",
        }
    }

    /// The icon as an element.
    pub(crate) fn view(self) -> impl IntoView {
        view! {
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                <path d=self.path()></path>
            </svg>
        }
    }
}

/// The mark alone: a baton handed on between two runners' lanes.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect class="mark-ground" width="32" height="32" rx="8"></rect>
            <path class="mark-lane" d="M8 20.5 13.2 9.5"></path>
            <path class="mark-baton" d="M13.4 22.5 18.6 9.5"></path>
            <path class="mark-lane" d="M18.8 22.5 24 11.5"></path>
        </svg>
    }
}

/// The mark and the name.
#[component]
pub(crate) fn Logo() -> impl IntoView {
    view! {
        <span class="logo">
            <Mark />
            <span class="logo-name">"Relay"</span>
        </span>
    }
}
