//! An address that leads nowhere.

use leptos::prelude::*;

use crate::navigation::Link;
use crate::route::Route;
use crate::ui::{Empty, Icon, PageHeader};

/// Says so, and leads back.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! {
        <PageHeader title=Route::NotFound.title() about="The address may be mistyped or out of date." />
        <div class="panel">
            <Empty
                icon=Icon::Alert
                title="There is nothing at this address"
                text="Everything in the console can be reached from the navigation."
            >
                <Link to=Route::Overview class="btn">
                    "Go to the overview"
                </Link>
            </Empty>
        </div>
    }
}
