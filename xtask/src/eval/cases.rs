//! Cases that others published, each a folder with `logs/` and a `truth.json` in their words. Nothing of them is in the repository; what is
//! shown are names and figures.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use abate_app::ports::NoObjects;
use abate_findings::sigma::RuleSet;
use abate_lake::Look;
use abate_model::rows::AuthOutcome;
use abate_model::{Body, Category, CauseClass, Cite, EntityKind, Filter, Finding, Locator, Severity, Table, Verdict};
use anyhow::{Context, Result, bail};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::labels::{self, Key, Kind, Labelled, Line};
use super::pipeline::{self, Worked};
use super::{Asked, jobs, page};

/// What a case gave.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Incident(Incident),
    Labels(Labels),
    /// nothing documented: whatever is found at medium severity and above counts as false
    Baseline {
        rows: u64,
        serious: usize,
        groups: usize,
    },
    /// measured elsewhere
    Reports,
}

/// An incident with a documented story.
#[derive(Clone, Debug, Serialize)]
struct Incident {
    /// documented key events that can be looked for, and how many were found
    keys: usize,
    found: usize,
    /// documented addresses, and how many a finding names
    attackers: usize,
    named: usize,
    groups: usize,
    serious: usize,
    /// of these, so many cite a key event or name a documented address; `None` where nothing is documented to point at
    pointing: Option<usize>,
    verdict: Option<Verdict>,
    leading: CauseClass,
    confidence: f64,
    /// the class that is documented
    documented: Option<CauseClass>,
}

/// Labelled records.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Labels {
    unit: &'static str,
    /// records of which no row was made
    unread: usize,
    true_positives: usize,
    false_negatives: usize,
    false_positives: usize,
    true_negatives: usize,
}

impl Labels {
    fn note(&mut self, expected: bool, flagged: bool) {
        *match (expected, flagged) {
            (true, true) => &mut self.true_positives,
            (true, false) => &mut self.false_negatives,
            (false, true) => &mut self.false_positives,
            (false, false) => &mut self.true_negatives,
        } += 1;
    }
}

/// Every case below the folders.
pub(super) fn run(root: &Path, asked: &Asked, rules: &RuleSet) -> Result<Vec<String>> {
    let mut cases = Vec::new();
    for folder in &asked.folders {
        find(folder, &mut cases)?;
    }
    cases.sort();
    if cases.is_empty() {
        bail!("there is no case with logs and a truth.json below {}", asked.folders[0].display());
    }
    let outcomes = jobs::each("cases", &cases, asked.jobs, &|case| case.display().to_string(), &|case| one(case, rules))?;
    let named: Vec<(String, Outcome)> =
        cases.iter().map(|c| c.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())).zip(outcomes).collect();
    let section = section(&named);
    if asked.json {
        let all: Vec<Value> = named.iter().map(|(name, outcome)| json!({"case": name, "outcome": outcome})).collect();
        super::print(&format!("{:#}\n", json!({ "cases": all })));
    } else {
        super::print(&section);
    }
    if asked.write {
        page::write(root, "public cases", &section)?;
    }
    Ok(Vec::new())
}

fn find(folder: &Path, cases: &mut Vec<PathBuf>) -> Result<()> {
    let is_case = |path: &Path| path.join("truth.json").is_file() && path.join("logs").is_dir();
    if is_case(folder) {
        cases.push(folder.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    cases.extend(entries.filter_map(Result::ok).map(|e| e.path()).filter(|path| is_case(path)));
    Ok(())
}

fn one(case: &Path, rules: &RuleSet) -> Result<Outcome> {
    let truth: Value = serde_json::from_slice(&std::fs::read(case.join("truth.json"))?)?;
    let logs = case.join("logs");
    Ok(match labels::kind(&truth) {
        Kind::Reports => Outcome::Reports,
        Kind::Events(labels) => Outcome::Labels(events(&labels, &logs, &truth, rules)?),
        Kind::Lines(lines) => Outcome::Labels(by_line(&lines, &work(&logs, &truth, rules)?, &logs)?),
        Kind::Addresses => Outcome::Labels(by_address(&labels::attackers(&truth), &work(&logs, &truth, rules)?)),
        Kind::Baseline => {
            let case = work(&logs, &truth, rules)?.case;
            let serious = case.findings.iter().filter(|f| f.severity >= Severity::Medium).count();
            Outcome::Baseline { rows: case.sources.iter().map(|s| s.records).sum(), serious, groups: case.findings.len() }
        }
        Kind::Incident(keys) => {
            let worked = work(&logs, &truth, rules)?;
            Outcome::Incident(incident(&keys, &truth, &worked, &logs))
        }
    })
}

fn work(logs: &Path, truth: &Value, rules: &RuleSet) -> Result<Worked> {
    pipeline::work(pipeline::notice(&notice(labels::category(truth)))?, &[logs.to_owned()], rules)
}

/// The least that a notice says; none of the cases comes with one of its own.
fn notice(category: Category) -> Vec<u8> {
    let phrase = match category {
        Category::PortScan => "activity which resembles scanning remote hosts on the internet for security vulnerabilities",
        Category::Dos => "activity that resembles a Denial of Service attack against remote hosts",
        Category::Spam => "activity that resembles the sending of spam or unsolicited email",
        Category::Botnet => "activity that indicates that it may be infected with malware and may be part of a botnet",
        Category::Phishing => "hosting content that resembles a phishing website",
        Category::Crawling => "activity which resembles web-crawling",
        Category::CryptoMining => "activity that resembles cryptocurrency mining",
        _ => "activity which resembles attempts to access remote hosts on the internet without authorization",
    };
    format!(
        "From: trustandsafety@support.aws.com\r\nTo: security@example.com\r\nDate: Mon, 02 Nov 2026 01:15:00 +0000\r\nMessage-ID: <1@support.aws.com>\r\n\
         Subject: Your AWS Abuse Report [10000000002] [AWS ID 111122223333]\r\n\r\nWe've received a report(s) that your AWS resource(s)\r\n\r\n\
         AWS ID: 111122223333    Region: us-east-1    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.10]\r\n\r\nhas been implicated in {phrase}.\r\n"
    )
    .into_bytes()
}

fn incident(keys: &[Key], truth: &Value, worked: &Worked, logs: &Path) -> Incident {
    let case = &worked.case;
    let ids: Vec<&str> = keys.iter().filter_map(|k| if let Key::Id(id) = k { Some(id.as_str()) } else { None }).collect();
    let attackers = labels::attackers(truth);
    let cited = if ids.is_empty() { BTreeMap::new() } else { texts(worked, logs) };
    let says = |finding: &Finding, id: &str| finding.evidence.iter().any(|c| cited.get(c).is_some_and(|text| text.contains(id)));
    let verdict_says =
        |id: &str| case.verdicts.iter().flat_map(|v| &v.evidence).any(|c| cited.get(c).is_some_and(|text| text.contains(id)));
    let names = |finding: &Finding, value: &str| {
        finding.entities.iter().any(|e| e.value == value) || word(&finding.title.en, value) || word(&finding.detail.en, value)
    };
    let hit = |key: &Key| match key {
        Key::Id(id) => verdict_says(id) || case.findings.iter().any(|f| says(f, id)),
        Key::Named(values) => case.findings.iter().any(|f| values.iter().all(|v| names(f, v))),
        Key::Words => false,
    };
    let serious: Vec<&Finding> = case.findings.iter().filter(|f| f.severity >= Severity::Medium).collect();
    let points = |finding: &Finding| {
        let at_key = keys.iter().any(|key| match key {
            Key::Id(id) => says(finding, id),
            Key::Named(values) => values.iter().any(|v| names(finding, v)),
            Key::Words => false,
        });
        at_key || attackers.iter().any(|a| names(finding, &a.to_string()))
    };
    let countable = keys.iter().filter(|k| !matches!(k, Key::Words)).count();
    let leading = case.causes.first();
    Incident {
        keys: countable,
        found: keys.iter().filter(|k| hit(k)).count(),
        attackers: attackers.len(),
        named: attackers.iter().filter(|a| case.findings.iter().any(|f| names(f, &a.to_string()))).count(),
        groups: case.findings.len(),
        serious: serious.len(),
        pointing: (countable > 0 || !attackers.is_empty()).then(|| serious.iter().filter(|f| points(f)).count()),
        verdict: case.verdicts.first().map(|v| v.verdict),
        leading: leading.map_or(CauseClass::Undetermined, |c| c.class),
        confidence: leading.map_or(0.0, |c| c.confidence),
        documented: labels::class(truth),
    }
}

/// Whether a value stands in a text as a word of its own.
fn word(text: &str, value: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_')))
        .any(|w| w.trim_end_matches(['.', ':']) == value)
}

/// The records that findings and verdicts cite.
fn texts(worked: &Worked, logs: &Path) -> BTreeMap<Cite, String> {
    let case = &worked.case;
    let cites: BTreeSet<&Cite> =
        case.findings.iter().flat_map(|f| &f.evidence).chain(case.verdicts.iter().flat_map(|v| &v.evidence)).collect();
    let paths = [logs.to_owned()];
    let look = Look { paths: &paths, objects: &NoObjects, reference: worked.reference, zone: &TimeZone::UTC, sha256: None, copies: None };
    let text = |cite: &Cite| abate_lake::raw(&look, cite).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    cites.into_iter().filter_map(|cite| Some((cite.clone(), text(cite)?))).collect()
}

/// Each label's events as a case of their own, so that labels do not hide one another.
fn events(all: &[Labelled], logs: &Path, truth: &Value, rules: &RuleSet) -> Result<Labels> {
    let mut records: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for file in std::fs::read_dir(logs)?.filter_map(Result::ok) {
        for record in json_records(&std::fs::read(file.path())?) {
            let enveloped = record.get("log").filter(|log| log.is_object()).cloned();
            let id = if enveloped.is_some() { record.get("id") } else { record.get("eventID") };
            if let Some(id) = id.and_then(Value::as_str).map(str::to_owned) {
                records.entry(id).or_default().push(enveloped.unwrap_or(record));
            }
        }
    }
    let mut labels = Labels { unit: "event", ..Labels::default() };
    for label in all {
        let wanted: BTreeSet<&String> = label.ids.iter().collect();
        let events: Vec<&Value> = wanted.into_iter().filter_map(|id| records.get(id)).flatten().collect();
        let place = tempfile::tempdir().context("a temporary folder")?;
        let folder = place.path().join("logs");
        std::fs::create_dir_all(&folder)?;
        let is_call = |event: &&Value| event.get("eventSource").is_some() && event.get("eventName").is_some();
        let (calls, others): (Vec<&Value>, Vec<&Value>) = events.into_iter().partition(|e| is_call(e));
        if !calls.is_empty() {
            std::fs::write(folder.join("calls.json"), serde_json::to_vec(&json!({ "Records": calls }))?)?;
        }
        if !others.is_empty() {
            let lines: Vec<String> = others.iter().map(ToString::to_string).collect();
            std::fs::write(folder.join("events.json"), lines.join("\n") + "\n")?;
        }
        let case = work(&folder, truth, rules)?.case;
        labels.unread += usize::from(case.sources.iter().all(|s| s.records == 0));
        labels.note(label.expected, case.findings.iter().any(|f| f.severity >= Severity::Low));
    }
    Ok(labels)
}

/// Objects of a JSON document (an array, or `Records` of one), or of JSON lines.
fn json_records(bytes: &[u8]) -> Vec<Value> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Array(all)) => all,
        Ok(Value::Object(mut one)) => match one.remove("Records") {
            Some(Value::Array(all)) => all,
            _ => vec![Value::Object(one)],
        },
        _ => bytes.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect(),
    }
}

/// A line is taken for an attempt when it was read as a refused sign-in, or when a finding cites it.
fn by_line(lines: &[Line], worked: &Worked, logs: &Path) -> Result<Labels> {
    let root = logs.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let (mut read, mut flagged) = (BTreeSet::new(), BTreeSet::new());
    let evidence = worked.evidence.as_deref().context("no evidence was read")?;
    for table in Table::ALL.into_iter().filter(|table| evidence.has(*table)) {
        evidence.each(&Filter::table(table), &mut |row| {
            let Locator::Bytes { offset, .. } = row.locator else { return };
            let place = (evidence.path(row.source).to_owned(), offset);
            if matches!(&row.body, Body::Auth(auth) if auth.outcome == AuthOutcome::Failure) {
                flagged.insert(place.clone());
            }
            read.insert(place);
        });
    }
    for cite in worked.case.findings.iter().filter(|f| f.severity >= Severity::Low).flat_map(|f| &f.evidence) {
        if let Locator::Bytes { offset, .. } = cite.locator {
            flagged.insert((cite.source.clone(), offset));
        }
    }
    let mut labels = Labels { unit: "line", ..Labels::default() };
    let mut starts: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for line in lines {
        if !starts.contains_key(line.file.as_str()) {
            starts.insert(&line.file, line_starts(&std::fs::read(logs.join(&line.file))?));
        }
        let index = usize::try_from(line.number.saturating_sub(1)).unwrap_or(usize::MAX);
        let start = starts.get(line.file.as_str()).and_then(|all| all.get(index)).copied();
        let place = (format!("{root}/{}", line.file), start.unwrap_or(u64::MAX));
        labels.unread += usize::from(!read.contains(&place));
        labels.note(line.expected, flagged.contains(&place));
    }
    Ok(labels)
}

fn line_starts(bytes: &[u8]) -> Vec<u64> {
    let mut starts = vec![0];
    starts.extend((1..).zip(bytes).filter(|(_, b)| **b == b'\n').map(|(n, _)| n));
    starts
}

/// An address is taken for an attacker's when a finding names it; the others are those of the same sign-ins.
fn by_address(attackers: &[IpAddr], worked: &Worked) -> Labels {
    let mut seen: BTreeSet<IpAddr> = BTreeSet::new();
    if let Some(evidence) = &worked.evidence {
        evidence.each(&Filter::table(Table::Authentication), &mut |row| {
            if let Body::Auth(auth) = &row.body {
                seen.extend(auth.source);
            }
        });
    }
    let named: BTreeSet<IpAddr> = worked
        .case
        .findings
        .iter()
        .filter(|f| f.severity >= Severity::Low)
        .flat_map(|f| f.of(EntityKind::RemoteAddress).filter_map(|text| text.parse().ok()))
        .collect();
    let mut labels = Labels { unit: "address", ..Labels::default() };
    labels.unread = attackers.iter().filter(|a| !seen.contains(a)).count();
    for address in seen.iter().chain(attackers.iter().filter(|a| !seen.contains(a))) {
        labels.note(attackers.contains(address), named.contains(address));
    }
    labels
}

fn section(all: &[(String, Outcome)]) -> String {
    let mut out = String::from(
        "| incident | documented key events cited or named | documented addresses named | groups of findings | serious ones that point at what is documented | verdict | leading cause | confidence | documented cause |\n\
         | --- | ---: | ---: | ---: | ---: | --- | --- | ---: | --- |\n",
    );
    let of = |part: usize, whole: usize| if whole == 0 { "–".to_owned() } else { format!("{part} of {whole}") };
    let (mut keys, mut found) = (0, 0);
    for (name, outcome) in all {
        let Outcome::Incident(i) = outcome else { continue };
        keys += i.keys;
        found += i.found;
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} | {} | {:.2} | {} |",
            of(i.found, i.keys),
            of(i.named, i.attackers),
            i.groups,
            i.pointing.map_or_else(|| "–".to_owned(), |n| of(n, i.serious)),
            i.verdict.map_or_else(|| "–".to_owned(), label),
            label(i.leading),
            i.confidence,
            i.documented.map_or_else(|| "–".to_owned(), label),
        );
    }
    let _ = writeln!(out, "\nKey events over all of them: {}.\n", page::percent(found, keys));
    out.push_str("| label set | labelled | hits | misses | false alarms | rightly silent | not read |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
    for (name, outcome) in all {
        let Outcome::Labels(l) = outcome else { continue };
        let sum = l.true_positives + l.false_negatives + l.false_positives + l.true_negatives;
        let _ = writeln!(
            out,
            "| {name} | {sum} × {} | {} | {} | {} | {} | {} |",
            l.unit, l.true_positives, l.false_negatives, l.false_positives, l.true_negatives, l.unread
        );
    }
    out.push_str(
        "\n| nothing documented as wrong | rows | groups of findings | of medium severity and above |\n| --- | ---: | ---: | ---: |\n",
    );
    for (name, outcome) in all {
        if let Outcome::Baseline { rows, serious, groups } = outcome {
            let _ = writeln!(out, "| {name} | {rows} | {groups} | {serious} |");
        }
    }
    let elsewhere = all.iter().filter(|(_, o)| matches!(o, Outcome::Reports)).count();
    let _ = writeln!(out, "\n{elsewhere} more hold reports and mails, not logs.");
    out
}

/// The name that a value has in JSON.
fn label(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_lines() {
        assert!(word("talks to 198.51.100.7:443, 198.51.100.9.", "198.51.100.9") && word("port 81", "81"));
        assert!(!word("198.51.100.77", "198.51.100.7") && !word("port 8181", "81"));
        assert_eq!(line_starts(b"ab\nc\n"), [0, 3, 5]);
    }

    #[test]
    fn a_labelled_event_is_worked_alone() {
        let place = tempfile::tempdir().expect("a folder");
        let event = |id: &str, name: &str| {
            json!({"id": id, "log": {"eventVersion": "1.09", "eventTime": "2026-11-01T00:00:00Z", "eventSource": "cloudtrail.amazonaws.com",
                "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.7", "eventID": id, "recipientAccountId": "111122223333",
                "userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": "111122223333", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"},
                "requestParameters": {"name": "audit"}}})
        };
        let lines = format!("{}\n{}\n", event("a", "StopLogging"), event("b", "DescribeTrails"));
        std::fs::create_dir(place.path().join("logs")).expect("a folder");
        std::fs::write(place.path().join("logs/events.jsonl"), lines).expect("a file");
        let label = |id: &str, expected| Labelled { ids: vec![id.to_owned()], expected };
        let labels =
            events(&[label("a", true), label("b", false)], &place.path().join("logs"), &json!({}), &RuleSet::builtin()).expect("worked");
        assert_eq!((labels.true_positives, labels.true_negatives, labels.unread), (1, 1, 0), "{labels:?}");
    }
}
