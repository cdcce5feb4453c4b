//! What the console calls about people: how they come, what they belong to, their own accounts.

use http::Method;
use relay_api::{
    AcceptInvitation, AskedReset, ChangedAccount, ChangedMember, ChangedPassword, ConfirmedSignUp,
    Invitation, InvitationSeen, LinkProvider, LinkToken, LinkedProvider, Me, Member, NewInvitation,
    NewOwner, NewPassword, NewSecondFactor, NewSignUp, NewTenant, ProviderLink, RecoveryCodes,
    RemovedSecondFactor, RemovedTenant, ResetLink, SecondFactorCode, SecondFactorSecret, Session,
    SetupLink, SignIn, SignInOptions, SwitchTenant,
};
use serde_json::json;

use super::operation::{Op, op};
use super::tag::Tag::Console;

const SIGNED_IN: &str = "Who is signed in. The session is in `set-cookie`.";
const TOO_MANY: &str = "`too_many_attempts`.";

fn get(route: &'static str, id: &str, summary: &'static str) -> Op {
    op(Console, Method::GET, route, id, summary)
}

fn post(route: &'static str, id: &str, summary: &'static str) -> Op {
    op(Console, Method::POST, route, id, summary)
}

fn delete(route: &'static str, id: &str, summary: &'static str) -> Op {
    op(Console, Method::DELETE, route, id, summary)
}

pub(super) fn operations() -> Vec<Op> {
    let tables = [coming(), signing_in(), belonging(), own_account()];
    tables.into_iter().flatten().collect()
}

fn coming() -> Vec<Op> {
    vec![
        get(
            "/api/setup",
            "getSetup",
            "Tells whether the first owner is still to be made.",
        )
        .answers::<SetupLink>(200, "Whether it is."),
        post(
            "/api/setup",
            "setUp",
            "Makes the first owner and tenant, and signs in.",
        )
        .takes::<NewOwner>(json!({
            "setupToken": "TOKEN_OF_THE_LINK", "name": "Ada", "email": "ada@example.com",
            "password": "PASSWORD", "tenantName": "Acme",
        }))
        .answers::<Me>(201, SIGNED_IN)
        .problem(403, "`setup_link_invalid`, or `cross_site`.")
        .problem(409, "`tenant_name_taken`.")
        .problem(429, TOO_MANY),
        post("/api/sign-up", "signUp", "Signs somebody up.")
            .details(
                "A link is mailed to the address. The answer is the same whether it has an account.",
            )
            .takes::<NewSignUp>(json!({
                "name": "Ada", "email": "ada@example.com", "password": "PASSWORD",
                "tenantName": "Acme",
            }))
            .answers_with("202", "Taken.", &[])
            .problem(403, "`sign_up_closed`, or `cross_site`.")
            .problem(429, TOO_MANY),
        post(
            "/api/sign-up/confirm",
            "confirmSignUp",
            "Makes the account and the tenant of a sign-up, and signs in.",
        )
        .details("It takes the password that was chosen: a link alone may be of another's sign-up.")
        .takes::<ConfirmedSignUp>(json!({ "token": "TOKEN_OF_THE_LINK", "password": "PASSWORD" }))
        .answers::<Me>(200, SIGNED_IN)
        .problem(401, "`wrong_password`.")
        .problem(403, "`link_invalid`, or `cross_site`.")
        .problem(409, "`tenant_name_taken`.")
        .problem(429, TOO_MANY),
        post(
            "/api/password-reset",
            "askPasswordReset",
            "Mails a link that sets a new password.",
        )
        .details("The answer is the same whether the address has an account.")
        .takes::<AskedReset>(json!({ "email": "ada@example.com" }))
        .answers_with("202", "Taken.", &[])
        .problem(403, "`cross_site`.")
        .problem(429, TOO_MANY),
        post(
            "/api/password-reset/confirm",
            "resetPassword",
            "Sets a new password, ends every other session, and signs in.",
        )
        .takes::<NewPassword>(json!({ "token": "TOKEN_OF_THE_LINK", "password": "PASSWORD" }))
        .answers::<Me>(200, SIGNED_IN)
        .problem(401, "`second_factor_required` or `wrong_code`: the link is still good.")
        .problem(403, "`link_invalid`, or `cross_site`.")
        .problem(429, TOO_MANY),
    ]
}

fn signing_in() -> Vec<Op> {
    vec![
        get(
            "/api/sign-in-options",
            "getSignInOptions",
            "Tells how people get in.",
        )
        .answers::<SignInOptions>(200, "How they do."),
        post("/api/session", "signIn", "Signs a member in.")
            .takes::<SignIn>(json!({ "email": "ada@example.com", "password": "PASSWORD" }))
            .answers::<Me>(200, SIGNED_IN)
            .problem(
                401,
                "`wrong_password`, `second_factor_required` or `wrong_code`.",
            )
            .problem(403, "`cross_site`.")
            .problem(429, TOO_MANY),
        post(
            "/api/session/second-factor",
            "signInByCode",
            "Ends a sign-in at a provider by a code of the second factor.",
        )
        .takes::<SecondFactorCode>(json!({ "code": "123456" }))
        .answers::<Me>(200, SIGNED_IN)
        .problem(401, "`wrong_code`, or `sign_in_expired`.")
        .problem(403, "`cross_site`.")
        .problem(429, TOO_MANY),
        delete("/api/session", "signOut", "Ends the session.").answers_nothing(),
        post(
            "/api/session/tenant",
            "switchTenant",
            "Goes to another tenant of the member's.",
        )
        .takes::<SwitchTenant>(json!({ "tenantId": "0192f0c1-2d6e-7a3b-8c4d-5e6f708192a3" }))
        .answers::<Me>(200, SIGNED_IN)
        .problem(404, "`not_found`: the member belongs to no such tenant."),
        delete(
            "/api/session/tenant",
            "leaveTenant",
            "Takes the member out of the tenant that the session works in.",
        )
        .details("The session ends. Whoever belongs to no other tenant has no account any more.")
        .answers_nothing()
        .problem(409, "`last_owner`."),
        get("/api/me", "getMe", "Tells who is signed in, and where.")
            .answers::<Me>(200, "The member, the tenant and the role."),
        get(
            "/api/sessions",
            "listSessions",
            "Lists where the member is signed in.",
        )
        .answers_page_of::<Session>("All of them, what was used last first."),
        delete(
            "/api/sessions",
            "endOtherSessions",
            "Ends every session of the member's but this one.",
        )
        .answers_nothing(),
        delete(
            "/api/sessions/{id}",
            "endSession",
            "Ends a session of the member's.",
        )
        .answers_nothing(),
        get(
            "/api/oidc/{provider}",
            "signInAtProvider",
            "Sends a browser to a provider that vouches for people (OpenID Connect).",
        )
        .query("next", "The page of the console to end at, like `/console/relay-keys`.")
        .answers_with("303", "To the provider, or back to the sign-in page.", &[]),
        get(
            "/api/oidc/{provider}/callback",
            "comeBackFromProvider",
            "Takes a browser back from its provider.",
        )
        .query("code", "What the provider vouches by.")
        .query("state", "What the browser was sent away with.")
        .answers_with(
            "303",
            "To the console, signed in, at `next`; or to the sign-in page, which says why not by `problem`.",
            &[],
        ),
    ]
}

fn belonging() -> Vec<Op> {
    vec![
        get("/api/members", "listMembers", "Lists the tenant's members.")
            .answers_page_of::<Member>("All of them, by name."),
        op(
            Console,
            Method::PATCH,
            "/api/members/{id}",
            "changeMember",
            "Gives a member another role.",
        )
        .takes::<ChangedMember>(json!({ "role": "developer" }))
        .answers::<Member>(200, "The member.")
        .problem(409, "`last_owner`."),
        delete(
            "/api/members/{id}",
            "removeMember",
            "Takes a member out of the tenant.",
        )
        .details("Who belongs to no tenant any more has no account any more.")
        .answers_nothing()
        .problem(409, "`last_owner`."),
        post(
            "/api/members/{id}/reset-link",
            "makeResetLink",
            "Makes a link by which a member sets a new password, where Relay sends no mail.",
        )
        .answers::<ResetLink>(200, "The link, once.")
        .problem(409, "`mail_sends_links`, or `not_yours_to_reset`."),
        get(
            "/api/invitations",
            "listInvitations",
            "Lists who was asked to join and has not yet.",
        )
        .answers_page_of::<Invitation>("All that still work, newest first."),
        post(
            "/api/invitations",
            "invite",
            "Asks somebody to join the tenant.",
        )
        .takes::<NewInvitation>(json!({ "email": "bob@example.com", "role": "developer" }))
        .answers::<Invitation>(
            201,
            "The invitation; with its link where Relay sends no mail.",
        )
        .problem(409, "`member_already`.")
        .problem(429, TOO_MANY),
        delete(
            "/api/invitations/{id}",
            "revokeInvitation",
            "Takes an invitation back.",
        )
        .answers_nothing(),
        post(
            "/api/invitations/look",
            "lookAtInvitation",
            "Tells what an invitation is for.",
        )
        .takes::<LinkToken>(json!({ "token": "TOKEN_OF_THE_LINK" }))
        .answers::<InvitationSeen>(200, "What it is for.")
        .problem(403, "`link_invalid`, or `cross_site`.")
        .problem(429, TOO_MANY),
        post(
            "/api/invitations/accept",
            "acceptInvitation",
            "Joins a tenant.",
        )
        .details(
            "An address that has an account joins signed in to it; another gives a name and a \
                 password.",
        )
        .takes::<AcceptInvitation>(json!({
            "token": "TOKEN_OF_THE_LINK", "name": "Bob", "password": "PASSWORD",
        }))
        .answers::<Me>(200, SIGNED_IN)
        .problem(401, "`not_signed_in`: the address has an account.")
        .problem(
            403,
            "`link_invalid`, `invitation_for_another` or `cross_site`.",
        )
        .problem(429, TOO_MANY),
        post(
            "/api/tenants",
            "createTenant",
            "Makes a tenant and goes there.",
        )
        .takes::<NewTenant>(json!({ "name": "Acme Labs" }))
        .answers::<Me>(201, SIGNED_IN)
        .problem(409, "`tenant_name_taken`.")
        .problem(429, TOO_MANY),
        delete(
            "/api/tenant",
            "deleteTenant",
            "Deletes the tenant, for good.",
        )
        .details("Its data keys are destroyed, then everything of it is removed.")
        .takes::<RemovedTenant>(json!({ "name": "Acme" }))
        .answers_nothing(),
    ]
}

fn own_account() -> Vec<Op> {
    let confirmed = |op: Op| {
        op.problem(
            403,
            "`wrong_password`, `wrong_code`, `cross_site` or `role_may_not`.",
        )
        .problem(
            409,
            "`no_password`, `second_factor_on` or `second_factor_off`.",
        )
        .problem(429, TOO_MANY)
    };
    vec![
        op(
            Console,
            Method::PATCH,
            "/api/account",
            "changeAccount",
            "Changes what the member is called.",
        )
        .takes::<ChangedAccount>(json!({ "name": "Ada Lovelace" }))
        .answers::<Me>(200, "Who is signed in."),
        confirmed(
            post(
                "/api/account/password",
                "changePassword",
                "Changes the password and ends every other session.",
            )
            .takes::<ChangedPassword>(json!({ "current": "PASSWORD", "new": "NEW_PASSWORD" }))
            .answers_nothing(),
        ),
        confirmed(
            post(
                "/api/account/totp",
                "beginSecondFactor",
                "Begins to set up a second factor.",
            )
            .takes::<NewSecondFactor>(json!({ "password": "PASSWORD" }))
            .answers::<SecondFactorSecret>(200, "What an authenticator app is to be told."),
        ),
        confirmed(
            post(
                "/api/account/totp/confirm",
                "confirmSecondFactor",
                "Puts the second factor in force.",
            )
            .takes::<SecondFactorCode>(json!({ "code": "123456" }))
            .answers::<RecoveryCodes>(200, "Recovery codes, once."),
        ),
        confirmed(
            post(
                "/api/account/totp/remove",
                "removeSecondFactor",
                "Takes the second factor away.",
            )
            .takes::<RemovedSecondFactor>(json!({ "password": "PASSWORD", "code": "123456" }))
            .answers_nothing(),
        ),
        get(
            "/api/account/providers",
            "listLinkedProviders",
            "Lists the sign-in providers that lead to the account.",
        )
        .answers_page_of::<ProviderLink>("Those that this Relay knows, the oldest first."),
        delete(
            "/api/account/providers/{provider}",
            "unlinkProvider",
            "Takes a sign-in provider off the account.",
        )
        .answers_nothing()
        .problem(404, "`not_found`: it is not linked.")
        .problem(409, "`no_password`: nothing else would let the member in."),
        confirmed(
            post(
                "/api/account/providers/{provider}",
                "linkProvider",
                "Begins to add a sign-in provider to the account.",
            )
            .takes::<LinkProvider>(json!({ "password": "PASSWORD" }))
            .answers::<LinkedProvider>(200, "Where the browser goes."),
        ),
    ]
}
