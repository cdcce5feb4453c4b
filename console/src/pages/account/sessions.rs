//! Where the member is signed in.

use leptos::prelude::*;
use relay_api::Session as SignedIn;

use crate::api::segment;
use crate::app::use_session;
use crate::listing::Listing;
use crate::ui::{
    Ago, Asked, Badge, Cells, ListView, Toasts, Tone, actions, ask_dialog, button, column, table,
    with_sub,
};

/// The list, and the ways to end them.
pub(super) fn sessions() -> AnyView {
    let listing = Listing::<SignedIn>::at(use_session(), || "/api/sessions".to_owned());
    let asked = RwSignal::new(None::<Asked>);
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let end_others = move |_| {
        asked.set(Some(Asked::new(
            "Sign out everywhere else?".to_owned(),
            "Every session but this one ends at once.",
            "Sign out elsewhere",
            move || async move {
                session.get_value().delete("/api/sessions").await?;
                listing.amend(|rows| rows.retain(|row| row.current));
                toasts.done("Signed out everywhere else.");
                Ok(())
            },
        )));
    };
    let others = move || listing.ready().iter().any(|row| !row.current);
    view! {
        <ListView
            listing=listing
            rows=move |rows| list(rows, listing, asked)
            empty=|| ().into_any()
        />
        <Show when=others>
            <div class="buttons section-foot">
                <button type="button" class="btn" on:click=end_others>
                    "Sign out everywhere else"
                </button>
            </div>
        </Show>
        {ask_dialog(asked)}
    }
    .into_any()
}

fn list(
    rows: Vec<SignedIn>,
    listing: Listing<SignedIn>,
    asked: RwSignal<Option<Asked>>,
) -> AnyView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let columns = [
        column("Browser"),
        column("Last seen"),
        column("Since"),
        actions(),
    ];
    let rows = rows
        .into_iter()
        .map(|row| {
            let name = browser_name(&row.user_agent);
            let id = row.id.clone();
            let end = {
                let name = name.clone();
                move || {
                    let id = id.clone();
                    asked.set(Some(Asked::new(
                        format!("End the session of {name}?"),
                        "Whoever uses it is signed out at once.",
                        "End session",
                        move || {
                            let id = id.clone();
                            async move {
                                let path = format!("/api/sessions/{}", segment(&id)?);
                                session.get_value().delete(&path).await?;
                                listing.amend(|rows| rows.retain(|row| row.id != id));
                                toasts.done("Session ended.");
                                Ok(())
                            }
                        },
                    )));
                }
            };
            let what = if row.current {
                view! { <Badge tone=Tone::Good text="This one" /> }.into_any()
            } else {
                button(
                    "btn btn-small btn-plain",
                    "End",
                    format!("End the session of {name}"),
                    end,
                )
            };
            Cells::from(vec![
                with_sub(
                    view! { <span class="strong">{name}</span> }.into_any(),
                    row.address,
                ),
                view! { <Ago at=row.last_seen_at /> }.into_any(),
                view! { <Ago at=row.created_at /> }.into_any(),
                what,
            ])
        })
        .collect();
    table("Sessions", "table-keys", &columns, rows)
}

/// The browser and system that a `User-Agent` names, as people call them.
fn browser_name(agent: &str) -> String {
    // Browsers name those they descend from, too: the one that says most about itself comes first.
    let find = |names: &[(&str, &str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| (*name).to_owned())
    };
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => agent
            .split(['/', ' '])
            .next()
            .filter(|word| !word.is_empty())
            .map_or_else(|| "Unknown browser".to_owned(), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_what_people_call_it() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(browser_name(edge), "Edge on Windows");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/19.0 Mobile Safari/604.1";
        assert_eq!(browser_name(phone), "Safari on iPhone");
        assert_eq!(browser_name("curl/8.5.0"), "curl");
        assert_eq!(browser_name(""), "Unknown browser");
    }
}
