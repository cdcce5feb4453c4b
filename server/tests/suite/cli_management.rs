//! The operator's commands for policies, pools and the settings of relay keys.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::process::{Home, Ran};
use crate::support::{CANARY, Kind};

const TENANT: [&str; 2] = ["--tenant", "acme"];

impl Home {
    /// Runs a command of the tenant `acme`.
    fn of_acme(&self, command: &[&str], more: &[&str]) -> Ran {
        self.run(&[command, &TENANT, more].concat())
    }
}

async fn each(check: impl AsyncFn(&Home)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let home = Home::new(kind).await;
        home.run(&["tenants", "create", "acme"]).succeeded();
        check(&home).await;
        home.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_are_applied_shown_listed_and_deleted() {
    each(async |home| {
        let apply = |policy: &Value| {
            let file = home.data.path().join("policy.json");
            std::fs::write(&file, policy.to_string()).expect("written");
            home.of_acme(&["policies", "apply"], &[&file.display().to_string()])
        };
        let careful = json!({ "name": "careful", "rules": { "maxAttempts": 2 } });
        let made = apply(&careful);
        let id = made
            .succeeded()
            .out
            .split(' ')
            .next()
            .expect("an id")
            .to_owned();
        let changed = json!({ "name": "careful", "rules": { "models": { "allow": ["gpt-*"] } } });
        assert!(
            apply(&changed).succeeded().out.starts_with(&id),
            "the same policy"
        );
        for word in ["careful", &id] {
            let shown = home.of_acme(&["policies", "show"], &[word]);
            let shown: Value = serde_json::from_str(&shown.succeeded().out).expect("JSON");
            assert_eq!(shown["rules"]["models"]["allow"], json!(["gpt-*"]));
        }
        let listed = home.of_acme(&["policies", "list"], &["--json"]).json();
        assert_eq!(listed["name"], "careful");
        let wrong = apply(&json!({ "name": "x", "rules": { "maxAttempts": 99 } }));
        assert!(
            wrong
                .sentence()
                .ends_with("`rules.maxAttempts` must be 1 to 10"),
            "{wrong:?}"
        );
        let wrong = apply(&json!({ "name": "x", "rule": {} }));
        assert!(
            wrong.sentence().contains("describes no policy"),
            "{wrong:?}"
        );

        let key = ["--name", "ci", "--policy", "careful", "--json"];
        let key = home.of_acme(&["keys", "create"], &key).json();
        assert_eq!(key["policy"], id.as_str());
        let refused = home.of_acme(&["policies", "delete"], &["careful"]);
        assert!(
            refused
                .sentence()
                .contains("held to the policy careful: ci"),
            "{refused:?}"
        );
        home.of_acme(&["keys", "revoke"], &[key["id"].as_str().expect("an id")])
            .succeeded();
        home.of_acme(&["policies", "delete"], &["careful"])
            .succeeded();
        let gone = home.of_acme(&["policies", "show"], &["careful"]);
        assert_eq!(
            gone.sentence(),
            "acme has no policy careful; see: relay policies list"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_made_with_its_settings_and_rotated() {
    each(async |home| {
        let settings = [
            "--name",
            "cursor",
            "--end-user",
            "ada",
            "--source",
            "10.0.0.0/8",
            "--source",
            "::1",
            "--quota-requests",
            "100",
            "--quota-tokens",
            "5000",
            "--quota-dollars",
            "2.5",
            "--json",
        ];
        let made = home.of_acme(&["keys", "create"], &settings).json();
        assert_eq!(made["scopes"], json!(["inference"]));
        assert_eq!(made["endUser"], "ada");
        let kept = &made["settings"];
        assert_eq!(kept["sources"], json!(["10.0.0.0/8", "::1/128"]));
        let quotas = json!({ "requests": 100, "tokens": 5000, "dollars": 2.5 });
        assert_eq!(kept["quotas"], quotas);
        let id = made["id"].as_str().expect("an id");
        let rotated = home
            .of_acme(&["keys", "rotate"], &[id, "--grace", "24h", "--json"])
            .json();
        assert_eq!(rotated["id"], made["id"]);
        assert_ne!(rotated["key"], made["key"]);
        let plain = home.of_acme(&["keys", "rotate"], &[id]);
        assert!(
            plain.succeeded().out.starts_with("rly-"),
            "the key and nothing else"
        );
        home.of_acme(&["keys", "revoke"], &[id]).succeeded();
        let late = home.of_acme(&["keys", "rotate"], &[id]);
        assert!(late.sentence().contains("has been revoked"), "{late:?}");
        for (wrong, said) in [
            (["--policy", "none"], "acme has no such policy"),
            (["--source", "lan"], "`sources[0]`"),
            (["--quota-dollars", "0"], "`quotas.dollars`"),
        ] {
            let ran = home.of_acme(&["keys", "create", "--name", "x"], &wrong);
            assert!(ran.sentence().contains(said), "{ran:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_is_filled_from_standard_input_and_by_reference() {
    each(async |home| {
        let key = home.provider_key();
        let file = home.data.path().with_extension("openai.key");
        std::fs::write(&file, format!("{key}\n")).expect("written");
        let reference = format!("file:{}", file.display());
        let put = [
            "--provider",
            "openai",
            "--name",
            "kept",
            "--reference",
            &reference,
            "--weight",
            "3",
            "--priority",
            "1",
        ];
        home.of_acme(&["credentials", "put"], &put).succeeded();
        let put = ["--provider", "openai", "--key-stdin"];
        let given = with_input(
            home,
            &[&["credentials", "put"], &TENANT[..], &put].concat(),
            &key,
        );
        assert!(
            given.succeeded().out.starts_with("openai/default"),
            "{given:?}"
        );

        let listed = home.of_acme(&["credentials", "list"], &["--json"]).lines();
        let names: Vec<_> = listed.iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["default", "kept"]);
        assert_eq!(listed[1]["reference"], reference.as_str());
        assert_eq!(listed[1]["weight"], 3);
        assert_eq!(
            listed[0]["fingerprint"], listed[1]["fingerprint"],
            "one key"
        );
        for ran in [&given, &home.of_acme(&["credentials", "list"], &[])] {
            assert!(
                !ran.out.contains(CANARY) && !ran.err.contains(CANARY),
                "{ran:?}"
            );
        }
        let remove = ["--provider", "openai", "--name", "kept"];
        home.of_acme(&["credentials", "remove"], &remove)
            .succeeded();
        let gone = home.of_acme(&["credentials", "remove"], &remove);
        assert!(
            gone.sentence()
                .contains("acme has no credential openai/kept"),
            "{gone:?}"
        );
        std::fs::remove_file(&file).expect("removed");

        for (wrong, said) in [
            (
                ["--provider", "closedai", "--reference", "env:X"],
                "no provider closedai",
            ),
            (
                ["--provider", "openai", "--reference", "file:key"],
                "a reference is",
            ),
            (
                [
                    "--provider",
                    "openai",
                    "--reference",
                    "env:RELAY_MASTER_KEY",
                ],
                "a reference is",
            ),
        ] {
            let ran = home.of_acme(&["credentials", "put"], &wrong);
            assert!(!ran.status.success() && ran.err.contains(said), "{ran:?}");
        }
        let neither = home.of_acme(&["credentials", "put"], &["--provider", "openai"]);
        assert_eq!(neither.status.code(), Some(2), "{neither:?}");
        let unknown = [
            "credentials",
            "put",
            "--tenant",
            "acme",
            "--provider",
            "openai",
            "--key-stdin",
        ];
        let refused = with_input(home, &unknown, &format!("sk-{CANARY}-0000"));
        assert!(
            refused.sentence().contains("refuses this key"),
            "{refused:?}"
        );
        assert!(!refused.err.contains(CANARY));
    })
    .await;
}

/// Runs a command that reads from standard input.
fn with_input(home: &Home, arguments: &[&str], input: &str) -> Ran {
    let mut command = home.command(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input.as_bytes()).expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        status: output.status,
        out: text(output.stdout),
        err: text(output.stderr),
    }
}
