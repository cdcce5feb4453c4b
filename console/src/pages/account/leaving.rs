//! Leaving the tenant.

use leptos::prelude::*;

use crate::app::use_session;
use crate::ui::{Asked, ask_dialog, section};

/// The section. The last owner is refused, and told what to do first.
pub(super) fn leaving() -> AnyView {
    let session = StoredValue::new(use_session());
    let asked = RwSignal::new(None::<Asked>);
    let me = session.with_value(crate::api::Session::me);
    let tenant = me.tenant.name.clone();
    let is_only = me.tenants.len() < 2;
    let leave = move |_| {
        let consequence = if is_only {
            "You belong to no other tenant, so your account goes with it."
        } else {
            "You keep your account, and the other tenants that you belong to."
        };
        asked.set(Some(Asked::new(
            format!("Leave {tenant}?"),
            consequence,
            "Leave",
            move || async move {
                session.get_value().delete("/api/session/tenant").await?;
                session.get_value().left();
                Ok(())
            },
        )));
    };
    let content = view! {
        <div class="buttons">
            <button type="button" class="btn btn-danger" on:click=leave>
                {format!("Leave {}", me.tenant.name)}
            </button>
        </div>
        {ask_dialog(asked)}
    };
    section(
        "Leave",
        "What you made stays. To come back you need an invitation.",
        content.into_any(),
    )
}
