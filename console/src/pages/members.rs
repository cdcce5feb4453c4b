//! Who belongs to the tenant, who is asked to, and what each may do.

#![expect(
    clippy::large_types_passed_by_value,
    reason = "handles of signals, which every closure of a view takes a copy of"
)]

mod invitations;

use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{ChangedMember, Invitation, Member, ResetLink, Role};

use self::invitations::{invite_form, pending};
use crate::api::{Method, Session, segment};
use crate::app::use_session;
use crate::listing::Listing;
use crate::role;
use crate::route::Route;
use crate::ui::{
    Ago, Asked, Badge, Cells, Empty, Icon, ListView, PageHeader, Secret, Toasts, Tone, actions,
    ask_dialog, button, cell, column, form_dialog, not_offered, secret_dialog, table_panel,
    with_sub,
};

/// What the rows' buttons need.
#[derive(Clone, Copy)]
struct Desk {
    session: StoredValue<Session>,
    members: Listing<Member>,
    invitations: Listing<Invitation>,
    asked: RwSignal<Option<Asked>>,
    secret: RwSignal<Option<Secret>>,
    toasts: Toasts,
}

impl Desk {
    fn session(self) -> Session {
        self.session.get_value()
    }

    fn may(self, role: Role) -> bool {
        self.session.with_value(|session| session.may(role))
    }

    /// The roles that the member who is signed in may give.
    fn roles(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.may(*role))
    }
}

/// The screen.
pub(crate) fn members() -> AnyView {
    let session = use_session();
    let may_manage = session.may(Role::Admin);
    let desk = Desk {
        session: StoredValue::new(session.clone()),
        members: Listing::at(session.clone(), || "/api/members".to_owned()),
        invitations: Listing::at(session, move || {
            if may_manage { "/api/invitations" } else { "" }.to_owned()
        }),
        asked: RwSignal::new(None),
        secret: RwSignal::new(None),
        toasts: expect_context(),
    };
    let inviting = RwSignal::new(false);
    let invite = may_manage.then(|| {
        view! {
            <button type="button" class="btn btn-primary" on:click=move |_| inviting.set(true)>
                {Icon::Plus.view()}
                "Invite a member"
            </button>
        }
    });
    view! {
        <PageHeader title=Route::Members.title() about="Who can sign in to this tenant, and what they may do.">
            {invite}
        </PageHeader>
        {(!may_manage).then(|| not_offered("Owners and admins invite people and change roles."))}
        <ListView listing=desk.members rows=move |rows| member_rows(desk, rows) empty=nobody />
        {may_manage.then(|| pending(desk))}
        {form_dialog(
            inviting,
            "invite",
            Signal::stored("Invite a member".to_owned()),
            "Invite",
            move || invite_form(desk),
        )}
        {ask_dialog(desk.asked)}
        {secret_dialog(desk.secret)}
    }
    .into_any()
}

fn nobody() -> AnyView {
    view! {
        <div class="panel">
            <Empty icon=Icon::Team title="No members" text="Whoever is invited here can sign in to this tenant." />
        </div>
    }
    .into_any()
}

fn member_rows(desk: Desk, rows: Vec<Member>) -> AnyView {
    let columns = [
        column("Member"),
        column("Role"),
        column("Second factor"),
        column("Last seen"),
        actions(),
    ];
    let mine = desk
        .session
        .with_value(|session| session.me().account.email.clone());
    let rows = rows
        .into_iter()
        .map(|member| {
            let is_me = member.email == mine;
            let who = view! {
                <span class="strong">{member.name.clone()}</span>
                {is_me.then(|| view! { " " <Badge tone=Tone::Quiet text="You" /> })}
            };
            let factor = if member.second_factor {
                view! { <Badge tone=Tone::Good text="On" /> }.into_any()
            } else {
                view! { <span class="muted">"Off"</span> }.into_any()
            };
            Cells::from(vec![
                with_sub(who.into_any(), member.email.clone()),
                role_cell(desk, &member, is_me),
                factor,
                view! { <Ago at=member.last_seen_at.clone() /> }.into_any(),
                member_actions(desk, member, is_me),
            ])
        })
        .collect();
    table_panel("Members", "table-keys table-members", &columns, rows)
}

/// Whether the one who is signed in may change this member: only owners touch owners.
fn may_change(desk: Desk, member: &Member, is_me: bool) -> bool {
    !is_me && desk.may(Role::Admin) && desk.may(member.role)
}

fn role_cell(desk: Desk, member: &Member, is_me: bool) -> AnyView {
    if !may_change(desk, member, is_me) {
        return cell(role::name(member.role));
    }
    let now = member.role;
    let id = StoredValue::new(member.id.clone());
    let name = StoredValue::new(member.name.clone());
    let chosen = RwSignal::new(now);
    let busy = RwSignal::new(false);
    let change = move |event: leptos::ev::Event| {
        let Some(role) = Role::of_word(&event_target_value(&event)) else {
            return;
        };
        // Shown at once, and taken back if the server refuses.
        let before = chosen.get_untracked();
        chosen.set(role);
        busy.set(true);
        spawn_local(async move {
            let answer = async {
                let path = format!("/api/members/{}", segment(&id.get_value())?);
                desk.session()
                    .send::<Member>(Method::Patch, &path, &ChangedMember { role })
                    .await
            }
            .await;
            busy.try_set(false);
            match answer {
                Ok(changed) => {
                    desk.toasts.done(format!(
                        "{} is {} now.",
                        name.get_value(),
                        role::with_article(role)
                    ));
                    desk.members.amend(|rows| {
                        for row in rows.iter_mut().filter(|row| row.id == changed.id) {
                            *row = changed.clone();
                        }
                    });
                }
                Err(problem) => {
                    chosen.try_set(before);
                    desk.toasts.failed(problem);
                }
            }
        });
    };
    let options = desk
        .roles()
        .map(|role| {
            view! {
                <option value=role.as_str() prop:selected=move || chosen.get() == role>
                    {role::name(role)}
                </option>
            }
        })
        .collect_view();
    view! {
        <select
            class="select-small"
            aria-label=format!("Role of {}", member.name)
            disabled=busy
            on:change=change
        >
            {options}
        </select>
    }
    .into_any()
}

fn member_actions(desk: Desk, member: Member, is_me: bool) -> AnyView {
    if !may_change(desk, &member, is_me) {
        return ().into_any();
    }
    let Member {
        id, name, email, ..
    } = member;
    let link = {
        let (id, name) = (id.clone(), name.clone());
        move || {
            desk.asked
                .set(Some(reset_link(desk, id.clone(), name.clone())));
        }
    };
    let label = (
        format!("Make a reset link for {name}"),
        format!("Remove {name}"),
    );
    let remove = move || {
        let id = id.clone();
        desk.asked.set(Some(Asked::new(
            format!("Remove {name}?"),
            format!("{email} can no longer sign in to this tenant. Keys they made keep working."),
            "Remove member",
            move || {
                let id = id.clone();
                async move {
                    desk.session()
                        .delete(&format!("/api/members/{}", segment(&id)?))
                        .await?;
                    desk.members.amend(|rows| rows.retain(|row| row.id != id));
                    desk.toasts.done("Member removed.");
                    Ok(())
                }
            },
        )));
    };
    view! {
        <span class="buttons">
            {button("btn btn-small btn-plain", "Reset link", label.0, link)}
            {button("btn btn-small btn-plain btn-plain-danger", "Remove", label.1, remove)}
        </span>
    }
    .into_any()
}

fn reset_link(desk: Desk, id: String, name: String) -> Asked {
    let about = format!(
        "Give this link to {name} in person or over a channel you trust. It works once: whoever has it chooses the password."
    );
    Asked::new(
        format!("Make a reset link for {name}?"),
        "For someone who has lost their password. The link is shown once, and an earlier one stops working.",
        "Make the link",
        move || {
            let (id, about) = (id.clone(), about.clone());
            async move {
                let path = format!("/api/members/{}/reset-link", segment(&id)?);
                let link: ResetLink = desk.session().send(Method::Post, &path, &()).await?;
                desk.secret.set(Some(Secret {
                    title: "Copy the reset link",
                    about,
                    label: "Reset link",
                    text: link.url,
                }));
                Ok(())
            }
        },
    )
}
