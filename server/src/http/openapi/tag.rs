//! How the operations are grouped, in the order people read them.

use utoipa::openapi::tag::{Tag as Described, TagBuilder};

#[derive(Clone, Copy)]
pub(super) enum Tag {
    Inference,
    Users,
    Credentials,
    RelayKeys,
    Policies,
    Catalog,
    Requests,
    Usage,
    Audit,
    Settings,
    Webhooks,
    Widget,
    Console,
    Service,
}

impl Tag {
    const ALL: [Self; 14] = [
        Self::Inference,
        Self::Users,
        Self::Credentials,
        Self::RelayKeys,
        Self::Policies,
        Self::Catalog,
        Self::Requests,
        Self::Usage,
        Self::Audit,
        Self::Settings,
        Self::Webhooks,
        Self::Widget,
        Self::Console,
        Self::Service,
    ];

    pub(super) const fn name(self) -> &'static str {
        self.entry().0
    }

    const fn entry(self) -> (&'static str, &'static str) {
        match self {
            Self::Inference => (
                "Inference",
                "Calls of models, in the shapes of OpenAI, Anthropic and Google.",
            ),
            Self::Users => (
                "End users",
                "Whose keys the vault holds, and how they connect them.",
            ),
            Self::Credentials => ("Credentials", "The tenant's own provider keys: its pool."),
            Self::RelayKeys => ("Relay keys", "What apps call Relay with."),
            Self::Policies => ("Policies", "What relay keys may reach."),
            Self::Catalog => ("Catalog", "Hosts and models, Relay's and the tenant's own."),
            Self::Requests => (
                "Requests",
                "The inference calls that were made, and how each went.",
            ),
            Self::Usage => (
                "Usage",
                "Sums of tokens and costs, and how long answers took.",
            ),
            Self::Audit => ("Audit", "Who changed what."),
            Self::Settings => ("Settings", "What the tenant decides for all of its pages."),
            Self::Webhooks => ("Webhooks", "Addresses that are told of events."),
            Self::Widget => ("Widget", "What the widget in an end user's browser calls."),
            Self::Console => ("Console", "What the console's pages call."),
            Self::Service => ("Service", "Whether Relay is well, and this document."),
        }
    }
}

pub(super) fn all() -> Vec<Described> {
    Tag::ALL
        .into_iter()
        .map(|tag| {
            let (name, description) = tag.entry();
            TagBuilder::new()
                .name(name)
                .description(Some(description))
                .build()
        })
        .collect()
}
