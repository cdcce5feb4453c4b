//! The operator's commands: what they print, and how they fail.

use serde_json::{Value, json};

use crate::process::{Home, Ran, bare};
use crate::support::Kind;

macro_rules! on_each {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            use crate::process::Home;
            use crate::support::Kind;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let home = Home::new(Kind::Sqlite).await;
                super::$name(&home);
                home.leave().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let home = Home::new(Kind::Postgres).await;
                super::$name(&home);
                home.leave().await;
            }
        }
    )+ };
}

on_each!(
    tenants_are_made_listed_and_named_once,
    a_relay_key_is_printed_once_listed_and_revoked,
    nobody_is_helped_who_is_no_member,
);

fn nobody_is_helped_who_is_no_member(home: &Home) {
    for command in ["reset-link", "remove-second-factor"] {
        let ran = home.run(&["members", command, "nobody@example.com"]);
        let told = "there is no member with the address nobody@example.com";
        assert_eq!(ran.sentence(), told);
    }
}

fn tenants_are_made_listed_and_named_once(home: &Home) {
    let made = home.run(&["tenants", "create", " acme ", "--json"]).json();
    assert_eq!(made["name"], "acme");
    assert!(
        made["createdAt"]
            .as_str()
            .is_some_and(|at| at.ends_with('Z'))
    );
    let id = made["id"].as_str().expect("an id");
    let plain = home.run(&["tenants", "create", "beta"]);
    assert!(
        plain.succeeded().out.trim_end().ends_with("  beta"),
        "{plain:?}"
    );
    let again = home.run(&["tenants", "create", "acme"]);
    assert_eq!(again.sentence(), "there is a tenant named acme already");
    for name in ["", "  ", "a\nb", &"x".repeat(101)] {
        let ran = home.run(&["tenants", "create", name]);
        assert_eq!(ran.sentence(), "a tenant's name is 1 to 100 characters");
    }
    let listed = home.run(&["tenants", "list", "--json"]).lines();
    let names: Vec<_> = listed.iter().map(|tenant| &tenant["name"]).collect();
    assert_eq!(names, ["acme", "beta"]);
    assert_eq!(listed[0], made);
    // An id does where a name does.
    assert!(
        home.run(&["keys", "list", "--tenant", id])
            .lines()
            .is_empty()
    );
}

fn a_relay_key_is_printed_once_listed_and_revoked(home: &Home) {
    home.run(&["tenants", "create", "acme"]).succeeded();
    home.run(&["tenants", "create", "other"]).succeeded();
    let create = |more: &[&str]| {
        let arguments = [
            &["keys", "create", "--tenant", "acme", "--name", "ci"],
            more,
        ]
        .concat();
        home.run(&arguments)
    };
    let plain = create(&[]);
    let key = plain.succeeded().out.trim_end();
    assert!(
        key.starts_with("rly-") && key.len() == 47,
        "the key and nothing else"
    );
    let made = create(&[
        "--scopes",
        "manage,tokens,tokens",
        "--expires-in",
        "30d",
        "--json",
    ])
    .json();
    assert!(
        made["key"]
            .as_str()
            .is_some_and(|key| key.starts_with("rly-"))
    );
    assert_eq!(made["scopes"], json!(["tokens", "manage"]));
    assert!(made["expiresAt"].is_string());

    let list = |tenant: &str| home.run(&["keys", "list", "--tenant", tenant, "--json"]);
    let listed = list("acme").lines();
    assert_eq!(listed.len(), 2);
    assert!(
        listed.iter().all(|key| key.get("key").is_none()),
        "{listed:?}"
    );
    assert_eq!(listed[0]["id"], made["id"], "newest first");
    assert_eq!(listed[0]["revokedAt"], Value::Null);
    assert_eq!(listed[1]["scopes"], json!(["inference", "tokens"]));
    assert!(list("other").lines().is_empty());

    let id = made["id"].as_str().expect("an id");
    let revoke = |tenant: &str| home.run(&["keys", "revoke", "--tenant", tenant, id]);
    let foreign = revoke("other");
    let sentence = format!("other has no relay key {id}; see: relay keys list");
    assert_eq!(foreign.sentence(), sentence);
    assert_eq!(
        list("acme").lines()[0]["revokedAt"],
        Value::Null,
        "another tenant's stays"
    );
    revoke("acme").succeeded();
    let first = list("acme").lines()[0]["revokedAt"].clone();
    assert!(first.is_string());
    revoke("acme").succeeded();
    assert_eq!(
        list("acme").lines()[0]["revokedAt"],
        first,
        "twice is the same as once"
    );
    let plain = home.run(&["keys", "list", "--tenant", "acme"]);
    assert!(
        plain
            .succeeded()
            .out
            .lines()
            .next()
            .is_some_and(|line| line.ends_with("  revoked"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_cannot_be_done_says_why_in_one_sentence() {
    let home = Home::new(Kind::Sqlite).await;
    for arguments in [
        &["keys", "list", "--tenant", "nobody"][..],
        &["keys", "create", "--tenant", "nobody", "--name", "x"],
        &["keys", "revoke", "--tenant", "nobody", "id"],
    ] {
        let ran = home.run(arguments);
        assert_eq!(
            ran.sentence(),
            "there is no tenant named nobody; make it: relay tenants create \"nobody\""
        );
    }
    home.run(&["tenants", "create", "acme"]).succeeded();
    for wrong in [
        &["--name", "x", "--scopes", "root"][..],
        &["--name", "x", "--scopes", ""],
        &["--name", "x", "--expires-in", "soon"],
        &["--name", "x", "--expires-in", "0s"],
        &["--name", "x", "--expires-in", "99999999999d"],
        &["--name", ""],
        &["--name", "a\nb"],
        &[],
    ] {
        let ran = home.run(&[&["keys", "create", "--tenant", "acme"], wrong].concat());
        assert_eq!(ran.status.code(), Some(2), "{wrong:?}: {ran:?}");
        assert_eq!(ran.out, "", "{wrong:?}");
    }
    assert!(
        home.run(&["keys", "list", "--tenant", "acme"])
            .lines()
            .is_empty()
    );
    home.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_variable_stops_the_start_with_one_sentence() {
    let home = Home::new(Kind::Sqlite).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken
        .local_addr()
        .map(|address| (taken, address.to_string()))
        .expect("bound");
    for (name, value) in [
        ("RELAY_LISTEN", "everywhere"),
        ("RELAY_LISTEN", taken.1.as_str()),
        ("RELAY_ADMIN_LISTEN", "9090"),
        ("RELAY_PUBLIC_URL", "relay.example.com"),
        ("RELAY_DATABASE_URL", "mysql://user:hunter2@db/relay"),
        ("RELAY_UPSTREAM_ALLOW", "the lan"),
        ("RELAY_HOST_OPENAI_URL", "ftp://x"),
        ("RELAY_REDIS_URL", "localhost"),
        ("RELAY_MASTER_KEY", "c2hvcnQ="),
        ("RELAY_MASTER_KEY_FILE", "/nowhere/at/all"),
        ("RELAY_LOG", "relay_server=loudly"),
    ] {
        let ran = Ran::of(bare(home.data.path()).arg("serve").env(name, value));
        let sentence = ran.sentence();
        assert!(sentence.starts_with(name), "{name}: {sentence}");
        assert!(
            sentence.contains("xample") || name.starts_with("RELAY_MASTER"),
            "{sentence}"
        );
        assert!(
            !ran.err.contains("hunter2") && !ran.err.contains("c2hvcnQ"),
            "{sentence}"
        );
    }
    home.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_cannot_be_opened_is_named_without_its_password() {
    let home = Home::new(Kind::Sqlite).await;
    let folder = format!("sqlite://{}", home.data.path().display());
    for (url, reason) in [
        ("postgres://relay:hunter2@127.0.0.1:1/relay", "refused"),
        (folder.as_str(), "unable to open"),
    ] {
        let mut command = bare(home.data.path());
        let ran = Ran::of(command.arg("serve").env("RELAY_DATABASE_URL", url));
        let sentence = ran.sentence();
        assert!(sentence.starts_with("the database ("), "{sentence}");
        assert!(
            sentence.contains("RELAY_DATABASE_URL") && sentence.contains(reason),
            "{sentence}"
        );
        assert!(!ran.err.contains("hunter2"), "{sentence}");
    }
    home.leave().await;
}
