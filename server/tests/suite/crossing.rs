//! No strategy, cache or pool crosses tenants. Three tenants call everything by the same names and
//! do whatever they like, at once and in any order; what reaches the provider with a call is a key
//! of the call's own tenant and owner, and what one does is nothing to the others.

mod steps;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use futures_util::future::join_all;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use relay_provider_sim::Reply as Script;
use relay_server::store::CredentialRow;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Kind, Reply, Tenant, TestApp};
use steps::{
    Act, CALM, MODELS, OURS, POLICIES, Place, Rules, SOURCES, Step, TENANTS, USERS, What, hosts,
    path, policy_body, steps, without_conflicts,
};

on_each_database!(a_call_reaches_its_provider_with_a_key_of_its_own_tenant_and_owner);

async fn a_call_reaches_its_provider_with_a_key_of_its_own_tenant_and_owner(app: &TestApp) {
    let config = Config {
        cases: match app.database.kind {
            Kind::Sqlite => 10,
            Kind::Postgres => 4,
        },
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    };
    // The same interleavings each time; RELAY_TEST_SEED draws others.
    let seed = std::env::var("RELAY_TEST_SEED").map_or(0, |seed| seed.parse().expect("a number"));
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&u64::to_be_bytes(seed));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let runtime = tokio::runtime::Handle::current();
    let outcome = TestRunner::new_with_rng(config, rng).run(&steps(), |steps| {
        tokio::task::block_in_place(|| runtime.block_on(run(app, &steps)));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("RELAY_TEST_SEED={seed}: {failure}");
    }
}

async fn run(app: &TestApp, steps: &[Step]) {
    app.sim.clear_scripts();
    let mut world = World::new(app).await;
    for step in steps {
        match step {
            Step::AtOnce(acts) => world.act(acts).await,
            Step::Wait(seconds) => app.clock.advance(Duration::from_secs(*seconds)),
            Step::Heal => drop(app.service.gateway.heal().await),
        }
    }
    world.check_records().await;
}

/// Whose a provider key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Home {
    tenant: usize,
    place: Place,
}

/// What the test knows to be so.
struct World<'a> {
    app: &'a TestApp,
    tenants: Vec<Tenant>,
    /// By tenant and policy.
    relay_keys: Vec<Vec<String>>,
    rules: Vec<Vec<Rules>>,
    /// Every provider key there ever was.
    homes: Mutex<HashMap<String, Home>>,
    /// What is connected now, and whether it is switched off.
    connected: Vec<Mutex<BTreeMap<Place, (String, bool)>>>,
    calls: AtomicUsize,
    calls_of: Vec<AtomicUsize>,
}

/// A call that was made: its number and how it was answered.
struct Made {
    marker: String,
    reply: Reply,
}

impl<'a> World<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let first = Rules {
            strategy: 0,
            source: 0,
        };
        let mut world = Self {
            app,
            tenants: Vec::new(),
            relay_keys: Vec::new(),
            rules: vec![vec![first; POLICIES]; TENANTS],
            homes: Mutex::default(),
            connected: (0..TENANTS).map(|_| Mutex::default()).collect(),
            calls: AtomicUsize::new(0),
            calls_of: (0..TENANTS).map(|_| AtomicUsize::new(0)).collect(),
        };
        for ours in OURS {
            // Tenants' names alone are theirs alone.
            let tenant = app.tenant(&relay_server::clock::new_id()).await;
            let host = json!({ "name": "Mine", "baseUrl": app.sim.openai_url() });
            put(app, &tenant, "/v1/hosts/mine", host).await;
            let at = |host: &str, price: f64| {
                let prices = json!({ "input": price, "output": price });
                json!({ "host": host, "model": ours, "prices": prices })
            };
            let model = json!({ "kind": "chat", "bindings": [at("openai", 2.0), at("mine", 1.0)] });
            put(app, &tenant, "/v1/catalog/models/ours", model).await;
            let mut relay_keys = Vec::new();
            for policy in 0..POLICIES {
                let policy = policy_body(policy, first);
                let name = policy["name"].clone();
                let reply = app
                    .call(Method::POST, "/v1/policies", &tenant.key, policy)
                    .await;
                assert_eq!(reply.status, 201, "{}", reply.text);
                let key = json!({ "name": name, "policy": name });
                let reply = app
                    .call(Method::POST, "/v1/relay-keys", &tenant.key, key)
                    .await;
                assert_eq!(reply.status, 201, "{}", reply.text);
                relay_keys.push(reply.json()["key"].as_str().expect("a key").to_owned());
            }
            world.relay_keys.push(relay_keys);
            world.tenants.push(tenant);
        }
        world
    }

    /// Does all of it at once, and looks at what became of it.
    async fn act(&mut self, acts: &[Act]) {
        let acts = without_conflicts(acts);
        let quiet: Vec<usize> = (0..TENANTS)
            .filter(|tenant| acts.iter().all(|act| act.tenant != *tenant))
            .collect();
        let before = self.state_of(&quiet).await;
        self.app.sim.clear_received();
        let made = join_all(acts.iter().map(|act| self.do_one(act))).await;
        for act in &acts {
            if let What::Change(policy, rules) = act.what {
                self.rules[act.tenant][policy] = rules;
            }
        }
        self.check_bearers(&acts, &made);
        assert_eq!(
            self.state_of(&quiet).await,
            before,
            "another tenant's doing: {acts:?}"
        );
    }

    async fn do_one(&self, act: &Act) -> Option<Made> {
        let (app, tenant) = (self.app, &self.tenants[act.tenant]);
        match &act.what {
            What::Call {
                user,
                model,
                policy,
            } => {
                return Some(self.call(act.tenant, *user, *model, *policy).await);
            }
            What::Connect(place) => self.connect(act.tenant, *place).await,
            What::Remove(place) => {
                let reply = app
                    .call(Method::DELETE, &path(*place), &tenant.key, Value::Null)
                    .await;
                let was_there = self.known(act.tenant).remove(place).is_some();
                let status = if was_there { 204 } else { 404 };
                assert_eq!(reply.status, status, "{}", reply.text);
            }
            What::Switch {
                host,
                name,
                disabled,
            } => {
                let place = Place {
                    user: None,
                    host: *host,
                    name: *name,
                };
                if self.key_at(act.tenant, place).is_some() {
                    put(app, tenant, &path(place), json!({ "disabled": disabled })).await;
                    let mut known = self.known(act.tenant);
                    known.get_mut(&place).expect("still there").1 = *disabled;
                }
            }
            What::Change(policy, rules) => {
                let body = policy_body(*policy, *rules);
                let path = format!("/v1/policies/{}", body["name"].as_str().expect("a name"));
                put(app, tenant, &path, body).await;
            }
            What::Refuse(place) => {
                if let Some(key) = self.key_at(act.tenant, *place) {
                    app.sim.refuse_key("openai", &key);
                }
            }
            What::Take(place) => {
                if let Some(key) = self.key_at(act.tenant, *place) {
                    app.sim.allow_key("openai", &key);
                }
            }
            What::Throttle(place) => {
                if let Some(key) = self.key_at(act.tenant, *place) {
                    let wait = Script::rate_limited(20).on("/chat/").with_key(&key);
                    app.sim.script("openai", wait);
                }
            }
        }
        None
    }

    async fn connect(&self, tenant: usize, place: Place) {
        let key = self.app.provider_key("openai");
        let home = Home { tenant, place };
        self.homes
            .lock()
            .expect("no panic")
            .insert(key.clone(), home);
        let body = json!({ "apiKey": key });
        put(self.app, &self.tenants[tenant], &path(place), body).await;
        let mut known = self.known(tenant);
        // A key that replaces another takes its place in the pool as it was.
        let off = known.get(&place).is_some_and(|(_, off)| *off);
        known.insert(place, (key, off));
    }

    /// What a tenant has connected.
    fn known(&self, tenant: usize) -> MutexGuard<'_, BTreeMap<Place, (String, bool)>> {
        self.connected[tenant].lock().expect("no panic")
    }

    fn key_at(&self, tenant: usize, place: Place) -> Option<String> {
        self.known(tenant).get(&place).map(|(key, _)| key.clone())
    }

    async fn call(&self, tenant: usize, user: Option<usize>, model: usize, policy: usize) -> Made {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        self.calls_of[tenant].fetch_add(1, Ordering::SeqCst);
        let marker = format!("call {number}");
        let body = json!({
            "model": MODELS[model], "messages": [{ "role": "user", "content": marker }],
        });
        let mut request = self
            .app
            .request(Method::POST, "/v1/chat/completions")
            .bearer_auth(&self.relay_keys[tenant][policy])
            .json(&body);
        if let Some(user) = user {
            request = request.header("x-relay-user", USERS[user]);
        }
        let reply = Reply::of(request).await;
        Made { marker, reply }
    }

    /// Each bearer that reached the provider was its call's to use.
    fn check_bearers(&self, acts: &[Act], made: &[Option<Made>]) {
        let received = self.app.sim.received();
        let chats = received
            .iter()
            .filter(|sent| sent.path.ends_with("/chat/completions"));
        let mut sent: BTreeMap<String, Vec<(Home, String, String)>> = BTreeMap::new();
        for chat in chats {
            let header = chat.header("authorization").expect("a key");
            let key = header.trim_start_matches("Bearer ").to_owned();
            let home = self.homes.lock().expect("no panic")[&key];
            let body = chat.json();
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let marker = text(&body["messages"][0]["content"]);
            let sent = sent.entry(marker).or_default();
            sent.push((home, key, text(&body["model"])));
        }
        for (act, made) in acts.iter().zip(made) {
            let (
                Some(made),
                What::Call {
                    user,
                    model,
                    policy,
                },
            ) = (made, &act.what)
            else {
                continue;
            };
            let bearers = sent.remove(&made.marker).unwrap_or_default();
            for (home, _, upstream_model) in &bearers {
                let context = format!("{act:?} was sent with a key of {home:?}, among {acts:?}");
                assert_eq!(home.tenant, act.tenant, "{context}");
                assert!(
                    home.place.user.is_none() || home.place.user == *user,
                    "{context}"
                );
                assert!(hosts(*model).contains(&home.place.host), "{context}");
                let named = if *model == 2 {
                    OURS[act.tenant]
                } else {
                    "gpt-4o-mini"
                };
                assert_eq!(upstream_model, named, "{context}");
            }
            assert!(
                made.reply.status != 200 || !bearers.is_empty(),
                "answered by nobody"
            );
            if acts.len() == 1 {
                let rules = self.rules[act.tenant][*policy];
                let usable = self.usable(act.tenant, *user, *model, rules);
                for (home, key, _) in &bearers {
                    assert!(
                        usable.contains(key),
                        "{act:?} under {rules:?} used {home:?}"
                    );
                }
                if act.tenant == CALM {
                    let expected = !usable.is_empty();
                    let answered = made.reply.status == 200;
                    assert_eq!(answered, expected, "{act:?}: {}", made.reply.text);
                }
            }
        }
        assert!(sent.is_empty(), "nobody made {sent:?}");
    }

    /// The keys that a call may be made with.
    fn usable(
        &self,
        tenant: usize,
        user: Option<usize>,
        model: usize,
        rules: Rules,
    ) -> BTreeSet<String> {
        let owners: Vec<Option<usize>> = match (SOURCES[rules.source], user) {
            ("pool", _) | ("user-else-pool" | "user-then-pool", None) => vec![None],
            ("user", None) => vec![],
            ("user-then-pool", Some(_)) => vec![user, None],
            _ => vec![user],
        };
        let known = self.known(tenant);
        let usable = known.iter().filter(|(place, (_, off))| {
            owners.contains(&place.user) && hosts(model).contains(&place.host) && !off
        });
        usable.map(|(_, (key, _))| key.clone()).collect()
    }

    /// What these tenants' credentials are.
    async fn state_of(&self, tenants: &[usize]) -> Vec<String> {
        let store = &self.app.service.store;
        let mut state = Vec::new();
        for tenant in tenants {
            let id = &self.tenants[*tenant].id;
            let mut rows = store.tenant_credentials(id).await.expect("read");
            for user in USERS {
                rows.extend(store.user_credentials(id, user).await.expect("read"));
            }
            state.extend(rows.iter().map(described));
        }
        state
    }

    /// Each tenant's record has its own calls, all of them, made with its own keys.
    async fn check_records(&self) {
        let homes = self.homes.lock().expect("no panic").clone();
        for (at, tenant) in self.tenants.iter().enumerate() {
            let rows = self.app.ended_requests(tenant).await;
            assert_eq!(rows.len(), self.calls_of[at].load(Ordering::SeqCst));
            for last4 in rows.iter().filter_map(|row| row.credential_last4.as_ref()) {
                let own = |(key, home): (&String, &Home)| home.tenant == at && key.ends_with(last4);
                assert!(homes.iter().any(own), "{last4} is none of tenant {at}'s");
            }
        }
    }
}

fn described(row: &CredentialRow) -> String {
    let place = &row.place;
    format!(
        "{} {} {} {:?} {} {place:?} {:?}",
        row.id, row.host, row.name, row.status, row.fingerprint, row.sealed
    )
}

async fn put(app: &TestApp, tenant: &Tenant, path: &str, body: Value) {
    let reply = app.call(Method::PUT, path, &tenant.key, body).await;
    assert!(
        [200, 201].contains(&reply.status),
        "{path}: {} {}",
        reply.status,
        reply.text
    );
}
