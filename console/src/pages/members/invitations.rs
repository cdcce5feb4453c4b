//! Who is asked to join the tenant.

#![expect(
    clippy::large_types_passed_by_value,
    reason = "handles of signals, which every closure of a view takes a copy of"
)]

use leptos::prelude::*;
use relay_api::{Invitation, NewInvitation, Role};

use super::Desk;
use crate::api::{Method, segment};
use crate::checks::{self, Tried};
use crate::role;
use crate::ui::{
    Ago, Asked, Cells, Field, Form, ListView, Secret, actions, button, cell, column, group,
    sending, table_panel,
};

/// Who was asked and has not come yet; nothing where there is nobody.
pub(super) fn pending(desk: Desk) -> AnyView {
    let some = move || !desk.invitations.ready().is_empty() || desk.invitations.failure().is_some();
    view! {
        <Show when=some>
            <h2 class="below-head">"Invited"</h2>
            <ListView
                listing=desk.invitations
                rows=move |rows| invitation_rows(desk, rows)
                empty=|| ().into_any()
            />
        </Show>
    }
    .into_any()
}

fn invitation_rows(desk: Desk, rows: Vec<Invitation>) -> AnyView {
    let columns = [
        column("E-mail"),
        column("Role"),
        column("Invited"),
        column("Expires"),
        actions(),
    ];
    let rows = rows
        .into_iter()
        .map(|invitation| {
            let Invitation {
                id,
                email,
                role,
                created_at,
                expires_at,
                ..
            } = invitation;
            let label = format!("Take back the invitation of {email}");
            let withdraw = {
                let email = email.clone();
                move || desk.asked.set(Some(withdrawal(desk, id.clone(), &email)))
            };
            Cells::from(vec![
                view! { <span class="strong break">{email}</span> }.into_any(),
                cell(role::name(role)),
                view! { <Ago at=created_at /> }.into_any(),
                view! { <Ago at=expires_at /> }.into_any(),
                button(
                    "btn btn-small btn-plain btn-plain-danger",
                    "Take back",
                    label,
                    withdraw,
                ),
            ])
        })
        .collect();
    table_panel("Invitations", "table-keys table-members", &columns, rows)
}

fn withdrawal(desk: Desk, id: String, email: &str) -> Asked {
    Asked::new(
        format!("Take back the invitation of {email}?"),
        "The link that was sent stops working.",
        "Take back",
        move || {
            let id = id.clone();
            async move {
                desk.session()
                    .delete(&format!("/api/invitations/{}", segment(&id)?))
                    .await?;
                desk.invitations
                    .amend(|rows| rows.retain(|row| row.id != id));
                desk.toasts.done("Invitation taken back.");
                Ok(())
            }
        },
    )
}

pub(super) fn invite_form(desk: Desk) -> Form {
    let email = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Developer);
    let tried = Tried::new();
    let error = tried.check(email, checks::email);
    let choices = desk
        .roles()
        .map(|one| {
            let id = format!("invite-{one}");
            let note = format!("{id}-note");
            view! {
                <div class="choice">
                    <input
                        type="radio"
                        name="invite-role"
                        id=id.clone()
                        aria-describedby=note.clone()
                        prop:checked=move || role.get() == one
                        on:change=move |_| role.set(one)
                    />
                    <div>
                        <label for=id>{role::name(one)}</label>
                        <p id=note>{role::meaning(one)}</p>
                    </div>
                </div>
            }
        })
        .collect_view();
    let body = view! {
        {Field::new("E-mail", "invite-email").kind("email").error(error).line(email)}
        {group("Role", view! { <div class="choices">{choices}</div> }.into_any())}
    };
    let submit = move || {
        if !tried.passes(&[error]) {
            return None;
        }
        let asked = NewInvitation {
            email: email.get_untracked().trim().to_owned(),
            role: role.get_untracked(),
        };
        sending(async move {
            let made: Invitation = desk
                .session()
                .send(Method::Post, "/api/invitations", &asked)
                .await?;
            invited(desk, made);
            Ok(())
        })
    };
    Form::new(body.into_any(), submit)
}

/// Shows who was invited, and the link where no mail carries it.
fn invited(desk: Desk, mut made: Invitation) {
    let email = made.email.clone();
    match made.url.take() {
        Some(url) => desk.secret.set(Some(Secret {
            title: "Copy the invitation",
            about: format!(
                "This Relay sends no mail. Send this link to {email} yourself; it is shown only now."
            ),
            label: "Invitation link",
            text: url,
        })),
        None => desk.toasts.done(format!("An invitation is on its way to {email}.")),
    }
    desk.invitations.amend(|rows| {
        rows.retain(|row| row.email != made.email);
        rows.insert(0, made);
    });
}
