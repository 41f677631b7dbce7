//! What was looked at, in words that AWS knows: which logs, from when to when, how many records, what is missing.
//! It says nothing about what the logs show.

use abate_model::{Cite, Coverage, Locator, Text, VerdictReport};

use crate::words::{plain, plain_ja, span};
use crate::{Input, Limits};

/// At most so many sources are cited as a whole.
const MAX_SOURCES: usize = 6;

/// The text with what was examined for the verdict on a line of its own.
pub(crate) fn named(input: &Input<'_>, verdict: &VerdictReport, text: Text, limits: Limits) -> Text {
    let looked = covering(input, verdict);
    let shown: Vec<Text> = looked.iter().take(limits.items.min(3)).map(|c| words(c)).collect();
    if shown.is_empty() {
        return text;
    }
    let (more_en, more_ja) = match looked.len().saturating_sub(shown.len()) {
        0 => (String::new(), String::new()),
        n => (format!("; and {n} more"), format!(" / ほか {n} 件")),
    };
    let en: Vec<&str> = shown.iter().map(|c| c.en.as_ref()).collect();
    let ja: Vec<&str> = shown.iter().map(|c| c.ja.as_ref()).collect();
    Text::new(
        format!("{}\nExamined: {}{more_en}.", text.en, en.join("; ")),
        format!("{}\n確認したログ: {}{more_ja}。", text.ja, ja.join(" / ")),
    )
}

/// The coverage that the verdict names, the largest first.
fn covering<'a>(input: &Input<'a>, verdict: &VerdictReport) -> Vec<&'a Coverage> {
    let is_named = |c: &&Coverage| {
        let host = |text: &str| c.scope.host.as_deref().is_none_or(|host| text.contains(host));
        verdict.coverage.iter().any(|t| t.en.starts_with(c.table.name()) && host(&t.en))
    };
    let mut found: Vec<&Coverage> = input.coverage.iter().filter(|c| c.records > 0).filter(is_named).collect();
    found.sort_by(|a, b| (b.records, &a.scope.host).cmp(&(a.records, &b.scope.host)));
    found
}

/// `network flow logs of eni-0abc, 2026-… to 2026-…, 1234 records, no gaps`
fn words(coverage: &Coverage) -> Text {
    let kind = coverage.table.logs();
    let whose = coverage.scope.host.as_deref().or(coverage.scope.region.as_deref());
    let mut en = whose.map_or_else(|| kind.en.clone().into_owned(), |w| format!("{} of {}", kind.en, plain(w, 60)));
    let mut ja = whose.map_or_else(|| kind.ja.clone().into_owned(), |w| format!("{}（{}）", kind.ja, plain_ja(w, 60)));
    if let (Some(from), Some(to)) = (coverage.from, coverage.to) {
        let when = span(from, to);
        en.push_str(&format!(", {}", when.en));
        ja.push_str(&format!(" {}", when.ja));
    }
    en.push_str(&format!(", {}", abate_model::text::count(coverage.records, "record")));
    ja.push_str(&format!("、{} 件", coverage.records));
    if coverage.continuous {
        match coverage.gaps.len() {
            0 => {
                en.push_str(", no gaps");
                ja.push_str("、欠落なし");
            }
            n => {
                en.push_str(&format!(", {}", abate_model::text::count(n as u64, "gap")));
                ja.push_str(&format!("、欠落 {n} 箇所"));
            }
        }
    }
    if coverage.lost > 0 {
        en.push_str(&format!(", {} unreadable", coverage.lost));
        ja.push_str(&format!("、読めない記録 {} 件", coverage.lost));
    }
    Text::new(en, ja)
}

/// What was looked through as a whole for the verdict.
pub(crate) fn whole_sources(input: &Input<'_>, verdict: &VerdictReport) -> Vec<Cite> {
    let looked = covering(input, verdict);
    let read = |format: &Option<String>| format.as_deref().is_some_and(|f| looked.iter().any(|c| c.format == f));
    let sources = input.sources.iter().filter(|s| read(&s.format) && s.records > 0);
    sources.take(MAX_SOURCES).map(|s| Cite { source: s.path.clone(), locator: Locator::Bytes { offset: 0, length: s.bytes } }).collect()
}
