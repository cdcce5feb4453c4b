//! What outlives the process: a key that was answered with 201, streams and usage at a SIGTERM, the
//! root key; and what a running server learns of a command beside it.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use futures_util::StreamExt;
use relay_provider_sim::Reply as Scripted;
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{Home, until};
use crate::support::{Kind, Reply};
use crate::widget::{SUBMIT, sealed};

macro_rules! on_each {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            use crate::process::Home;
            use crate::support::Kind;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let home = Home::new(Kind::Sqlite).await;
                super::$name(&home).await;
                home.leave().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let home = Home::new(Kind::Postgres).await;
                super::$name(&home).await;
                home.leave().await;
            }
        }
    )+ };
}

on_each!(
    a_key_answered_with_201_survives_a_kill,
    a_sigterm_lets_streams_end_and_writes_their_usage,
    usage_is_written_without_being_asked_for_and_survives_a_kill,
    a_revocation_beside_a_running_server_is_obeyed_within_a_second,
    a_key_made_beside_a_running_server_works_at_once,
    the_setup_link_is_logged_until_there_is_an_owner,
    another_root_key_does_not_start,
    first_starts_at_once_agree_on_one_root_key_and_one_schema,
);

async fn a_key_answered_with_201_survives_a_kill(home: &Home) {
    let server = home.serve();
    let (relay_key, _) = home.tenant("acme");
    let body = json!({ "endUserLabel": "ada" });
    let path = "/v1/registration-tokens";
    let issued = home
        .call(&server, Method::POST, path, &relay_key, body)
        .await;
    assert_eq!(issued.status, 201, "{}", issued.text);
    let token = issued.json()["registrationToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    let path = "/v1/widget/session";
    let session = home
        .call(&server, Method::GET, path, &token, Value::Null)
        .await;
    let key = home.provider_key();
    let sealed = sealed(&session.json(), "openai", &key);
    let body = json!({ "provider": "openai", "sealedKey": sealed });
    let reply = home
        .call(&server, Method::POST, SUBMIT, &token, body.clone())
        .await;
    let status = reply.status;
    server.kill();
    assert_eq!(status, 201, "{}", reply.text);

    let server = home.serve();
    let path = "/v1/users/ada/credentials";
    let listed = home
        .call(&server, Method::GET, path, &relay_key, Value::Null)
        .await;
    assert_eq!(listed.json()["data"][0]["id"], reply.json()["id"]);
    let chat = Reply::of(home.chat(&server, &relay_key, false)).await;
    assert_eq!(chat.status, 200, "{}", chat.text);
    let last = home.sim.received().pop().expect("the chat call");
    assert_eq!(
        last.header("authorization"),
        Some(format!("Bearer {key}").as_str())
    );
    let again = home.call(&server, Method::POST, SUBMIT, &token, body).await;
    assert_eq!((again.status, again.code().as_str()), (409, "token_used"));
}

/// Connects a key for the end user `ada`.
async fn connect(home: &Home, server: &crate::process::Running, relay_key: &str) {
    let body = json!({ "apiKey": home.provider_key() });
    let path = "/v1/users/ada/credentials/openai";
    let reply = home.call(server, Method::PUT, path, relay_key, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}

async fn a_sigterm_lets_streams_end_and_writes_their_usage(home: &Home) {
    let mut server = home.serve();
    let (relay_key, _) = home.tenant("acme");
    connect(home, &server, &relay_key).await;
    let (reply, mut hold) = Scripted::text("one two three four five")
        .on("/chat")
        .hold_after(3);
    home.sim.script("openai", reply);
    let answer = home
        .chat(&server, &relay_key, true)
        .send()
        .await
        .expect("begun");
    assert_eq!(answer.status(), 200);
    let request_id = answer.headers()["x-relay-request-id"]
        .to_str()
        .expect("text")
        .to_owned();
    let mut stream = answer.bytes_stream();
    let mut text = String::from_utf8_lossy(
        &stream
            .next()
            .await
            .expect("a first chunk")
            .expect("received"),
    )
    .into_owned();
    hold.reached().await;

    server.terminate();
    server.wait_for("stopping");
    // A call on a connection from before may find it closed; a new connection is refused.
    until(Duration::from_secs(10), async || {
        let answer = home.chat(&server, &relay_key, false).send().await;
        answer.err().filter(reqwest::Error::is_connect)
    })
    .await;
    hold.release();
    while let Some(chunk) = stream.next().await {
        text.push_str(&String::from_utf8_lossy(&chunk.expect("received")));
    }
    assert!(
        text.contains("five") && text.ends_with("data: [DONE]\n\n"),
        "{text}"
    );
    server.stopped();

    let server = home.serve();
    // By its id: a call on a connection from before may have been answered after it began.
    let path = format!("/v1/requests/{request_id}");
    let shown = home
        .call(&server, Method::GET, &path, &relay_key, Value::Null)
        .await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let request = shown.json();
    assert_eq!(request["id"], request_id.as_str());
    assert_eq!(request["status"], 200);
    assert_eq!(request["errorCode"], Value::Null);
    assert_eq!(request["streamed"], true);
}

async fn usage_is_written_without_being_asked_for_and_survives_a_kill(home: &Home) {
    let server = home.serve();
    let (relay_key, key_id) = home.tenant("acme");
    connect(home, &server, &relay_key).await;
    let reply = Reply::of(home.chat(&server, &relay_key, false)).await;
    let id = reply
        .header("x-relay-request-id")
        .expect("an id")
        .to_owned();
    let path = format!("/v1/requests/{id}");
    // The meter waits half a second for others to write with it. The second is not asserted on a
    // machine that is busy with other tests.
    until(Duration::from_secs(10), async || {
        let shown = home
            .call(&server, Method::GET, &path, &relay_key, Value::Null)
            .await;
        (shown.status == 200).then_some(())
    })
    .await;
    server.kill();

    let server = home.serve();
    let shown = home
        .call(&server, Method::GET, &path, &relay_key, Value::Null)
        .await;
    assert_eq!(shown.json()["status"], 200, "{}", shown.text);
    let path = "/v1/usage?by=key";
    let usage = home
        .call(&server, Method::GET, path, &relay_key, Value::Null)
        .await
        .json();
    assert_eq!(usage["total"]["requests"], 1, "{usage}");
    assert_eq!(usage["values"][0]["value"], key_id.as_str());
}

async fn a_revocation_beside_a_running_server_is_obeyed_within_a_second(home: &Home) {
    let server = home.serve();
    let (relay_key, id) = home.tenant("acme");
    connect(home, &server, &relay_key).await;
    let warm = Reply::of(home.chat(&server, &relay_key, false)).await;
    assert_eq!(warm.status, 200, "{}", warm.text);
    home.run(&["keys", "revoke", "--tenant", "acme", &id])
        .succeeded();
    // Far below the cache's minute and the slow poll's fifteen seconds: it was told. The second
    // itself is not asserted on a machine that is busy with other tests.
    let refused = until(Duration::from_secs(5), async || {
        let reply = Reply::of(home.chat(&server, &relay_key, false)).await;
        (reply.status != 200).then_some(reply)
    });
    let refused = refused.await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (401, "relay_key_revoked")
    );
}

async fn a_key_made_beside_a_running_server_works_at_once(home: &Home) {
    let server = home.serve();
    let (key, _) = home.tenant("acme");
    let path = "/v1/models";
    let reply = home
        .call(&server, Method::GET, path, &key, Value::Null)
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

async fn the_setup_link_is_logged_until_there_is_an_owner(home: &Home) {
    const LINK: &str = "nobody can sign in yet";
    let token = |server: &crate::process::Running| {
        let logged = server.log.iter().find_map(|fields| {
            let message = fields["message"].as_str()?;
            message
                .split_once("/console/setup#")
                .map(|(_, token)| token.trim().to_owned())
        });
        logged.expect("a link")
    };
    let set_up = async |server: &crate::process::Running, token: &str| {
        let form = json!({
            "setupToken": token,
            "name": "Ada",
            "email": "ada@example.com",
            "password": "correct horse battery",
            "tenantName": "acme",
        });
        let request = home.client.post(server.url("/api/setup")).json(&form);
        Reply::of(request).await
    };
    let server = home.serve();
    let first = token(&server);
    assert_eq!(first.len(), 43);
    server.kill();
    let server = home.serve();
    let second = token(&server);
    let reply = set_up(&server, &first).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "setup_link_invalid")
    );
    let reply = set_up(&server, &second).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    server.terminate();
    server.stopped();
    let server = home.serve();
    assert!(!server.has_logged(LINK), "{:?}", server.log);
    let request = home.client.get(server.url("/api/setup"));
    assert_eq!(Reply::of(request).await.json(), json!({ "needed": false }));
}

async fn another_root_key_does_not_start(home: &Home) {
    home.run(&["tenants", "create", "acme"]).succeeded();
    let file = home.data.path().join("root.key");
    let mode = std::fs::metadata(&file)
        .expect("made at the first start")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600, "readable by its owner alone");
    let own = std::fs::read_to_string(&file).expect("text");

    let other = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    for arguments in [&["serve"][..], &["keys", "list", "--tenant", "acme"]] {
        let ran = crate::process::Ran::of(home.command(arguments).env("RELAY_MASTER_KEY", other));
        let sentence = ran.sentence();
        assert!(
            sentence.starts_with("the root key does not open"),
            "{sentence}"
        );
        assert!(sentence.contains("RELAY_MASTER_KEY"), "{sentence}");
        assert!(
            !ran.err.contains("AAECAw") && !ran.err.contains(own.trim()),
            "{ran:?}"
        );
    }
    // Its own key by variable is as good as by file.
    std::fs::remove_file(&file).expect("removed");
    let mut command = home.command(&["tenants", "list", "--json"]);
    let ran = crate::process::Ran::of(command.env("RELAY_MASTER_KEY", own.trim()));
    assert_eq!(ran.json()["name"], "acme");
    assert!(!file.exists(), "no other key is made beside it");
}

async fn first_starts_at_once_agree_on_one_root_key_and_one_schema(home: &Home) {
    let names: Vec<String> = (0..6).map(|number| format!("tenant {number}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| {
                home.run(&["tenants", "create", name]).succeeded();
            });
        }
    });
    // Each made its tenant's data key under the root key that it believed in.
    let listed = home.run(&["tenants", "list", "--json"]).lines();
    let listed: Vec<_> = listed.iter().map(|tenant| &tenant["name"]).collect();
    assert_eq!(listed, names.iter().collect::<Vec<_>>());
    let files = std::fs::read_dir(home.data.path()).expect("a folder");
    let keys: Vec<_> = files
        .map(|file| file.expect("a file").file_name())
        .filter(|name| name.to_string_lossy().starts_with("root.key"))
        .collect();
    assert_eq!(keys, ["root.key"], "nothing is left lying about");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_a_root_key_does_not_start() {
    let home = Home::new(Kind::Sqlite).await;
    for text in [
        "",
        "not base64!",
        "v1:AAEC",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd",
    ] {
        let file = home.data.path().join("root.key");
        std::fs::write(&file, text).expect("written");
        let ran = home.run(&["tenants", "list"]);
        let sentence = ran.sentence();
        assert!(sentence.contains("root.key"), "{sentence}");
        assert_eq!(
            std::fs::read_to_string(&file).expect("kept"),
            text,
            "never overwritten"
        );
        std::fs::remove_file(&file).expect("removed");
        if !text.is_empty() {
            let mut command = home.command(&["tenants", "list"]);
            let ran = crate::process::Ran::of(command.env("RELAY_MASTER_KEY", text));
            assert!(ran.sentence().starts_with("RELAY_MASTER_KEY "), "{ran:?}");
            assert!(
                !ran.err.contains(text),
                "the value is not repeated: {ran:?}"
            );
        }
    }
    home.leave().await;
}
