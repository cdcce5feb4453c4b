//! The routes of people: how they come, what they belong to, their own accounts.

use super::super::people::{account, invitations, members, oidc, session, sign_up, tenants};
use super::{Access, DELETE, GET, PATCH, POST, Routes};

pub(super) fn add(routes: Routes) -> Routes {
    use Access::{Public, Session};
    const MEMBER: &str = "/api/members/{id}";
    routes
        .add(GET, "/api/setup", Public, session::setup_state)
        .add(POST, "/api/setup", Public, session::set_up)
        .add(GET, "/api/sign-in-options", Public, session::options)
        .add(POST, "/api/session", Public, session::sign_in)
        .add(POST, "/api/session/second-factor", Public, oidc::by_code)
        .add(DELETE, "/api/session", Session, session::sign_out)
        .add(POST, "/api/session/tenant", Session, session::switch)
        .add(DELETE, "/api/session/tenant", Session, tenants::leave)
        .add(GET, "/api/me", Session, session::me)
        .add(GET, "/api/sessions", Session, session::list)
        .add(DELETE, "/api/sessions", Session, session::revoke_others)
        .add(DELETE, "/api/sessions/{id}", Session, session::revoke)
        .add(GET, "/api/oidc/{provider}", Public, oidc::begin)
        .add(GET, "/api/oidc/{provider}/callback", Public, oidc::back)
        .add(POST, "/api/sign-up", Public, sign_up::sign_up)
        .add(POST, "/api/sign-up/confirm", Public, sign_up::confirm)
        .add(POST, "/api/password-reset", Public, sign_up::ask_reset)
        .add(POST, "/api/password-reset/confirm", Public, sign_up::reset)
        .add(GET, "/api/members", Session, members::list)
        .add(PATCH, MEMBER, Session, members::change)
        .add(DELETE, MEMBER, Session, members::remove)
        .add(
            POST,
            "/api/members/{id}/reset-link",
            Session,
            members::reset_link,
        )
        .add(GET, "/api/invitations", Session, invitations::list)
        .add(POST, "/api/invitations", Session, invitations::create)
        .add(
            DELETE,
            "/api/invitations/{id}",
            Session,
            invitations::revoke,
        )
        .add(POST, "/api/invitations/look", Public, invitations::look)
        .add(POST, "/api/invitations/accept", Public, invitations::accept)
        .add(PATCH, "/api/account", Session, account::change)
        .add(
            POST,
            "/api/account/password",
            Session,
            account::change_password,
        )
        .add(
            POST,
            "/api/account/totp",
            Session,
            account::begin_second_factor,
        )
        .add(
            POST,
            "/api/account/totp/confirm",
            Session,
            account::confirm_second_factor,
        )
        .add(
            POST,
            "/api/account/totp/remove",
            Session,
            account::remove_second_factor,
        )
        .add(
            POST,
            "/api/account/providers/{provider}",
            Session,
            oidc::link,
        )
        .add(
            DELETE,
            "/api/account/providers/{provider}",
            Session,
            oidc::unlink,
        )
        .add(GET, "/api/account/providers", Session, oidc::linked)
        .add(POST, "/api/tenants", Session, tenants::create)
        .add(DELETE, "/api/tenant", Session, tenants::remove)
}
