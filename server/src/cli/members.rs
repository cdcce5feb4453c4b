//! `relay members ...`

use clap::Subcommand;
use relay_server::clock::rfc3339;
use serde_json::json;

use super::{Done, open, say};

#[derive(Subcommand)]
pub(super) enum Members {
    /// Print a link by which a member sets a new password, once, within a day.
    ResetLink {
        /// The member's e-mail address.
        email: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a member's second factor away, when they have lost it and their recovery codes.
    RemoveSecondFactor {
        /// The member's e-mail address.
        email: String,
    },
}

pub(super) async fn execute(command: Members) -> Done {
    let app = open().await?;
    let nobody = |email: &str| format!("there is no member with the address {email}");
    match command {
        Members::ResetLink { email, json } => {
            let link = app.identity.operators_reset_link(&email).await?;
            let link = link.ok_or_else(|| nobody(&email))?;
            let expires_at = rfc3339(link.expires_at);
            if json {
                say(json!({ "url": link.url, "expiresAt": expires_at }))
            } else {
                say(link.url)
            }
        }
        Members::RemoveSecondFactor { email } => {
            let removed = app.identity.operators_second_factor_off(&email).await?;
            if removed.ok_or_else(|| nobody(&email))? {
                say(format_args!("{email} signs in by password alone"))
            } else {
                Err(format!("{email} has no second factor").into())
            }
        }
    }
}
