//! `relay catalog ...`

use std::path::PathBuf;

use clap::Subcommand;
use relay_server::catalog::{self, Model, Price, Rates};
use relay_server::config::Config;

use super::{Done, Failure, say};

#[derive(Subcommand)]
pub(super) enum Catalog {
    /// Make a file for RELAY_CATALOG of models.dev's (`models.dev/api.json`): today's models
    /// and prices without an upgrade.
    Import {
        /// The file, downloaded.
        file: PathBuf,
        /// Where to write; without it, standard output.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Only models that these hosts serve: openai,anthropic
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Print every model: its name, the hosts that serve it, the first one's prices for a million
    /// tokens of input and output.
    List {
        /// Only what this host serves, at its prices.
        #[arg(long)]
        host: Option<String>,
    },
    /// Print what is known of a model, at each host that serves it.
    Show {
        /// The model's name, or `host:model`.
        model: String,
    },
}

pub(super) fn execute(command: Catalog) -> Done {
    match command {
        Catalog::Import { file, out, only } => import(&file, out, &only),
        Catalog::List { host } => list(host.as_deref()),
        Catalog::Show { model } => show(&model),
    }
}

fn load() -> Result<catalog::Catalog, Failure> {
    Ok(catalog::Catalog::load(&Config::from_env()?)?)
}

fn import(file: &std::path::Path, out: Option<PathBuf>, only: &[String]) -> Done {
    let name = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let rows = catalog::import(&text, only).map_err(|error| format!("{name}: {error}"))?;
    let Some(out) = out else {
        return say(rows.trim_end());
    };
    std::fs::write(&out, &rows)
        .map_err(|error| format!("{} cannot be written: {error}", out.display()))?;
    let models = rows.matches("[[model]]").count();
    let to = out.display();
    say(format_args!(
        "{models} models in {to}; RELAY_CATALOG={to} has a server use them"
    ))
}

fn list(host: Option<&str>) -> Done {
    let catalog = load()?;
    if let Some(id) = host.filter(|id| catalog.host(id).is_none()) {
        return Err(format!("there is no host {id} in the catalog").into());
    }
    for model in catalog.models() {
        let served = |id: &str| host.is_none_or(|host| host == id);
        let Some(first) = model.bindings.iter().find(|row| served(&row.host)) else {
            continue;
        };
        let hosts: Vec<&str> = model.bindings.iter().map(|row| row.host.as_str()).collect();
        let prices = match &first.prices {
            Some(prices) => format!(
                "${} ${}",
                prices.rates.input.dollars_per_million(),
                prices.rates.output.dollars_per_million()
            ),
            None => "unknown".to_owned(),
        };
        say(format_args!("{}  {}  {prices}", model.id, hosts.join(",")))?;
    }
    Ok(())
}

fn show(name: &str) -> Done {
    let catalog = load()?;
    let Some(model) = catalog.find(name) else {
        return Err(unknown(&catalog, name).into());
    };
    describe(model)?;
    for binding in &model.bindings {
        say(format_args!("{}:{}", binding.host, binding.model))?;
        let Some(prices) = &binding.prices else {
            say("  prices unknown")?;
            continue;
        };
        say(format_args!("  {}", rates(&prices.rates)))?;
        for tier in &prices.tiers {
            let above = tier.above;
            say(format_args!(
                "  above {above} tokens: {}",
                rates(&tier.rates)
            ))?;
        }
    }
    Ok(())
}

fn describe(model: &Model) -> Done {
    say(format_args!("{}  {}", model.id, model.name))?;
    let words = model.capabilities.iter().map(|it| it.as_str());
    let words: Vec<&str> = words
        .chain(model.takes.iter().map(|it| it.as_str()))
        .collect();
    let tokens = |limit: Option<u64>| limit.map_or("unknown".to_owned(), |it| it.to_string());
    let (context, output) = (tokens(model.context), tokens(model.output));
    say(format_args!(
        "context {context}, output {output}; {}",
        words.join(", ")
    ))
}

/// Dollars per million tokens.
fn rates(rates: &Rates) -> String {
    let all = [
        ("input", Some(rates.input)),
        ("output", Some(rates.output)),
        ("cache read", rates.cache_read),
        ("cache write 5m", rates.cache_write_5m),
        ("cache write 1h", rates.cache_write_1h),
        ("reasoning", rates.reasoning),
        ("audio input", rates.input_audio),
        ("audio output", rates.output_audio),
    ];
    let told = |(what, price): (&str, Option<Price>)| {
        price.map(|price| format!("{what} ${}", price.dollars_per_million()))
    };
    let told: Vec<String> = all.into_iter().filter_map(told).collect();
    told.join(", ")
}

fn unknown(catalog: &catalog::Catalog, name: &str) -> String {
    let nearest = match catalog.resolve(name) {
        Err(unresolved) if !unresolved.nearest.is_empty() => unresolved.nearest.join(", "),
        _ => return format!("there is no model {name} in the catalog"),
    };
    format!("there is no model {name} in the catalog; the nearest are {nearest}")
}
