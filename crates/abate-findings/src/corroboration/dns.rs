//! Names that our hosts asked for.

use abate_model::{Body, Filter, Table, Text, TimeWindow};

use super::question::{Question, Sign};

/// Labels of domains of mining pools.
const POOLS: [&str; 18] = [
    "2miners",
    "c3pool",
    "ethermine",
    "f2pool",
    "flypool",
    "hashvault",
    "herominers",
    "kryptex",
    "minergate",
    "minexmr",
    "miningpoolhub",
    "moneroocean",
    "nanopool",
    "nicehash",
    "supportxmr",
    "unmineable",
    "xmrpool",
    "zergpool",
];

/// A name that the notice names was asked for.
pub(crate) fn named(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    let names = question.names();
    if names.is_empty() {
        return Vec::new();
    }
    asked(question, window, &|query| {
        names.iter().any(|name| query == name || query.strip_suffix(name.as_str()).is_some_and(|front| front.ends_with('.')))
    })
}

/// A mining pool was asked for.
pub(crate) fn pools(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    asked(question, window, &|query| query.split('.').any(|label| POOLS.contains(&label)))
}

fn asked(question: &Question<'_>, window: TimeWindow, wanted: &dyn Fn(&str) -> bool) -> Vec<Sign> {
    let mut sign: Option<Sign> = None;
    question.context.evidence.each(&Filter::table(Table::DnsActivity).within(window), &mut |row| {
        let Body::Dns(dns) = &row.body else { return };
        let query = dns.query.trim_end_matches('.').to_ascii_lowercase();
        // What the DNS firewall blocked was asked for all the same.
        if !wanted(&query) || dns.source.is_some_and(|source| question.is_other(source)) {
            return;
        }
        let cite = question.context.evidence.cite(row);
        let who = dns.instance_id.as_deref().map(str::to_owned).or_else(|| dns.source.map(|s| s.to_string()));
        let who = who.unwrap_or_else(|| "?".to_owned());
        let query: String = query.chars().take(100).collect();
        match &mut sign {
            Some(sign) => sign.add(row.at, cite),
            None => {
                let text = Text::new(format!("{who} asked for the name {query}"), format!("{who} が {query} の名前解決を行った"));
                sign = Some(Sign::new(text, row.at, cite));
            }
        }
    });
    sign.into_iter().collect()
}
