//! Compares what was read of a notice with what should have been, field by field: correct, partly, or wrong.
//!
//! The expectation is JSON (see `crates/abate-notice/corpus/README.md`). Lists are sets: all of it and nothing else is
//! correct, a part of it is partly. `asks` and `mitigations` are fragments of which each must stand in an item of its own.

use abate_model::{Notice, Remote, ReportedActivity};
use serde_json::Value;

/// How a field came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// as expected
    Correct,
    /// a list of which a part is right
    Partly,
    /// not as expected
    Wrong,
}

/// A compared field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// its name in the expectation
    pub field: &'static str,
    /// how it came out
    pub mark: Mark,
    /// what was expected
    pub expected: String,
    /// what was read
    pub read: String,
}

/// The fields in the order of the table.
pub const FIELDS: [&str; 24] = [
    "set_aside",
    "family",
    "kind",
    "category",
    "account_id",
    "regions",
    "resources",
    "addresses",
    "case_number",
    "reported",
    "times",
    "zone_certainty",
    "remote",
    "urls",
    "asks",
    "mitigations",
    "deadline",
    "basis",
    "authenticity",
    "report_format",
    "subject",
    "date",
    "message_id",
    "from",
];

/// The fields that decide what is done next: what, whose, where, when, until when.
pub const ESSENTIAL: [&str; 6] = ["category", "account_id", "resources", "addresses", "times", "deadline"];

/// Compares a notice, or the code with which the input was set aside, with the expectation.
#[must_use]
pub fn compare(read: Result<&Notice, &str>, expected: &Value) -> Vec<Compared> {
    let wanted = expected.get("set_aside").and_then(Value::as_str);
    let (notice, code) = match read {
        Ok(notice) => (Some(notice), None),
        Err(code) => (None, Some(code)),
    };
    let aside = one("set_aside", &wanted.unwrap_or("-"), &code.unwrap_or("-"));
    let (Some(notice), None) = (notice, wanted) else {
        // Set aside on one side only: every other field is missing too, but it is one mistake.
        return vec![aside];
    };
    let mut all = vec![aside];
    all.extend(heads(notice, expected));
    all.extend(lists(notice, expected));
    all.extend(activities(&notice.reported, expected));
    all
}

fn heads(notice: &Notice, expected: &Value) -> Vec<Compared> {
    let text = |key: &str| expected.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let deadline = expected.get("deadline");
    let part = |key: &str| deadline.and_then(|d| d.get(key)).and_then(Value::as_str).unwrap_or("-").to_owned();
    let format = notice.reports.first().map_or_else(|| "none".to_owned(), |r| name(r.format));
    vec![
        one("family", &text("family"), &name(notice.family)),
        one("kind", &text("kind"), &name(notice.kind)),
        one("category", &text("category"), &name(notice.category)),
        one("account_id", &text("account_id"), &said(&notice.account_id)),
        one("case_number", &text("case_number"), &said(&notice.case_number)),
        one("deadline", &part("at"), &notice.deadline.at.to_string()),
        one("basis", &part("basis"), &name(notice.deadline.basis)),
        one("authenticity", &text("authenticity"), &name(notice.authenticity.verdict)),
        one("report_format", &text("report_format"), &format),
        one("subject", &text("subject"), &said(&notice.subject)),
        one("date", &text("date"), &notice.date.map_or_else(|| "-".to_owned(), |d| d.to_string())),
        one("message_id", &text("message_id"), &said(&notice.message_id)),
        one("from", &text("from"), &said(&notice.from)),
    ]
}

fn lists(notice: &Notice, expected: &Value) -> Vec<Compared> {
    let resources: Vec<String> =
        items(expected, "resources").iter().map(|r| format!("{} {}", string(r, "kind"), string(r, "id"))).collect();
    let addresses: Vec<String> = items(expected, "resources").iter().flat_map(|r| strings(r, "addresses")).collect();
    let read_resources = notice.resources.iter().map(|r| format!("{} {}", name(r.kind), r.id)).collect();
    let read_addresses = notice.resources.iter().flat_map(|r| r.addresses.clone()).collect();
    vec![
        set("regions", strings(expected, "regions"), notice.regions.clone()),
        set("resources", resources, read_resources),
        set("addresses", addresses, read_addresses),
        fragments("asks", &strings(expected, "asks"), &notice.required_actions),
        fragments("mitigations", &strings(expected, "mitigations"), &notice.mitigations),
    ]
}

fn activities(read: &[ReportedActivity], expected: &Value) -> Vec<Compared> {
    let wanted = items(expected, "reported");
    let key = |r: &Value| format!("{} {}", string(r, "category"), string(r, "resource"));
    let read_key = |r: &ReportedActivity| format!("{} {}", name(r.category), r.resource.as_deref().unwrap_or("-"));
    let times = |r: &Value| format!("{}: {} {}", key(r), string(r, "from"), string(r, "to"));
    let at = |t: Option<jiff::Timestamp>| t.map_or_else(|| "-".to_owned(), |t| t.to_string());
    let read_times = |r: &ReportedActivity| format!("{}: {} {}", read_key(r), at(r.from), at(r.to));
    let all = |pick: &dyn Fn(&Value) -> Vec<String>| wanted.iter().flat_map(|r| pick(r)).collect::<Vec<_>>();
    let all_read = |pick: &dyn Fn(&ReportedActivity) -> Vec<String>| read.iter().flat_map(pick).collect::<Vec<_>>();
    vec![
        set("reported", all(&|r| vec![key(r)]), all_read(&|r| vec![read_key(r)])),
        set("times", all(&|r| vec![times(r)]), all_read(&|r| vec![read_times(r)])),
        set(
            "zone_certainty",
            all(&|r| vec![format!("{}: {}", key(r), string(r, "zone_certainty"))]),
            all_read(&|r| vec![format!("{}: {}", read_key(r), name(r.zone_certainty))]),
        ),
        set(
            "remote",
            all(&|r| items(r, "remote").iter().map(|end| format!("{}: {}", key(r), wanted_end(end))).collect()),
            all_read(&|r| r.remote.iter().map(|end| format!("{}: {}", read_key(r), read_end(end))).collect()),
        ),
        set(
            "urls",
            all(&|r| strings(r, "urls").into_iter().map(|url| format!("{}: {url}", key(r))).collect()),
            all_read(&|r| r.urls.iter().map(|url| format!("{}: {url}", read_key(r))).collect()),
        ),
    ]
}

fn wanted_end(end: &Value) -> String {
    let port = end.get("port").and_then(Value::as_u64).map_or_else(|| "-".to_owned(), |p| p.to_string());
    format!("{} {port} {}", string(end, "address"), string(end, "protocol"))
}

fn read_end(end: &Remote) -> String {
    let port = end.port.map_or_else(|| "-".to_owned(), |p| p.to_string());
    format!("{} {port} {}", end.address.as_deref().unwrap_or("-"), end.protocol.as_deref().unwrap_or("-"))
}

/// The name that a value has in JSON.
fn name(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn items<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().collect()
}

fn strings(value: &Value, key: &str) -> Vec<String> {
    items(value, key).into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn string(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or("-").to_owned()
}

fn one(field: &'static str, expected: &(impl ToString + ?Sized), read: &(impl ToString + ?Sized)) -> Compared {
    let (expected, read) = (expected.to_string(), read.to_string());
    let mark = if expected == read { Mark::Correct } else { Mark::Wrong };
    Compared { field, mark, expected, read }
}

fn set(field: &'static str, mut expected: Vec<String>, mut read: Vec<String>) -> Compared {
    for list in [&mut expected, &mut read] {
        list.sort();
        list.dedup();
    }
    let mark = if expected == read {
        Mark::Correct
    } else if expected.iter().any(|e| read.contains(e)) {
        Mark::Partly
    } else {
        Mark::Wrong
    };
    Compared { field, mark, expected: expected.join(" | "), read: read.join(" | ") }
}

/// Each fragment in an item, and no item without a fragment.
fn fragments(field: &'static str, wanted: &[String], read: &[String]) -> Compared {
    let plain = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ").replace(['\u{2018}', '\u{2019}'], "'").to_lowercase();
    let items: Vec<String> = read.iter().map(|r| plain(r)).collect();
    let fragments: Vec<String> = wanted.iter().map(|w| plain(w)).collect();
    let found = fragments.iter().filter(|f| items.iter().any(|i| i.contains(*f))).count();
    let idle = items.iter().filter(|i| !fragments.iter().any(|f| i.contains(f))).count();
    let mark = match (found, idle) {
        (n, 0) if n == fragments.len() => Mark::Correct,
        (0, _) => Mark::Wrong,
        _ => Mark::Partly,
    };
    Compared { field, mark, expected: wanted.join(" | "), read: read.join(" | ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_and_fragments() {
        let list = |items: &[&str]| items.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(set("urls", list(&["a", "b"]), list(&["b", "a"])).mark, Mark::Correct);
        assert_eq!(set("urls", list(&["a", "b"]), list(&["a"])).mark, Mark::Partly);
        assert_eq!(set("urls", list(&["a"]), list(&["b"])).mark, Mark::Wrong);
        assert_eq!(set("urls", list(&[]), list(&["b"])).mark, Mark::Wrong);
        assert_eq!(fragments("asks", &list(&["root cause"]), &list(&["Investigate root\ncause."])).mark, Mark::Correct);
        assert_eq!(fragments("asks", &list(&["root cause"]), &list(&["Root cause", "more"])).mark, Mark::Partly);
        assert_eq!(fragments("asks", &[], &[]).mark, Mark::Correct);
    }
}
