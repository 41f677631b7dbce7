//! The grammar of labelled fields: `Key: value`, several on a line, with or without blanks, with `(s)`, a bullet or an
//! asterisk. The labels are data: common ones here, a family's own in the family's file. What they mean together is decided
//! elsewhere.

use std::sync::OnceLock;

use abate_model::ResourceKind;

use crate::families;
use crate::resources;
use crate::text::starts_item;

/// What a label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Account,
    Region,
    Resource(Option<ResourceKind>),
    OwnAddress,
    Activity,
    Vulnerability,
    RequiredAction,
    /// what AWS asks for or has done: the words of the value tell
    Action,
    Time,
    Begin,
    End,
    Date,
    Clock,
    Zone,
    RemoteAddress,
    RemotePort,
    Protocol,
    Url,
    Case,
    /// volumes and other facts that no field of a notice holds; they stay in the words of the activity
    Detail,
    Log,
}

/// A label: its words in lower case, what it announces, and whether it counts in the middle of a line of prose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label(pub &'static str, pub Key, pub bool);

use Key::*;
use ResourceKind as Kind;

/// Labels that every family uses, and those with which people retell a notice. The others stand in the file of the family
/// that brought them.
const COMMON: &[Label] = &[
    Label("aws account", Account, true),
    Label("account id", Account, false),
    Label("account number", Account, false),
    Label("account", Account, false),
    Label("awsアカウントid", Account, true),
    Label("aws アカウント id", Account, true),
    Label("awsアカウント", Account, true),
    Label("アカウントid", Account, true),
    Label("アカウント id", Account, true),
    Label("regions", Region, false),
    Label("region", Region, false),
    Label("リージョン", Region, true),
    Label("resource id", Resource(None), false),
    Label("resource arn", Resource(None), false),
    Label("resource", Resource(None), false),
    Label("対象リソース", Resource(None), true),
    Label("ec2インスタンスid", Resource(Some(Kind::Ec2Instance)), true),
    Label("インスタンスid", Resource(Some(Kind::Ec2Instance)), true),
    Label("インスタンス id", Resource(Some(Kind::Ec2Instance)), true),
    Label("domain name", Resource(Some(Kind::Domain)), false),
    Label("domain", Resource(Some(Kind::Domain)), false),
    Label("ipアドレス", OwnAddress, false),
    Label("ip", OwnAddress, false),
    Label("報告された行為", Activity, true),
    Label("報告内容", Activity, false),
    Label("内容", Activity, false),
    Label("start time", Begin, false),
    Label("first seen", Begin, false),
    Label("last seen", End, false),
    Label("発生日時", Time, true),
    Label("検知日時", Time, true),
    Label("日時", Time, false),
    Label("date of activity", Date, false),
    Label("activity date", Date, false),
    Label("date of abuse", Date, false),
    Label("destination", RemoteAddress, false),
    Label("targets", RemoteAddress, false),
    Label("target", RemoteAddress, false),
    Label("target_port", RemotePort, false),
    Label("port", RemotePort, false),
    Label("対象", RemoteAddress, false),
    Label("remote host", RemoteAddress, false),
    Label("remote address", RemoteAddress, false),
    Label("event time", Time, false),
    Label("time", Time, false),
    Label("protocols", Protocol, false),
    Label("protocol", Protocol, false),
    Label("urls", Url, false),
    Label("url", Url, false),
    Label("ケース番号", Case, true),
];

/// All labels that begin with a byte, longer ones before those that they begin with.
fn labels(first: u8) -> &'static [Label] {
    static BY_FIRST: OnceLock<Vec<Vec<Label>>> = OnceLock::new();
    let by_first = BY_FIRST.get_or_init(|| {
        let of = |byte: u8| all_labels().iter().filter(|l| l.0.as_bytes().first() == Some(&byte)).copied().collect();
        (0..=u8::MAX).map(of).collect()
    });
    by_first.get(usize::from(first)).map_or(&[], Vec::as_slice)
}

fn all_labels() -> &'static [Label] {
    static ALL: OnceLock<Vec<Label>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<Label> = COMMON.iter().chain(families::all().iter().flat_map(|f| f.labels)).copied().collect();
        all.sort_by_key(|label| std::cmp::Reverse(label.0.len()));
        all
    })
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// what the label announces
    pub key: Key,
    /// the label in lower case; empty for a line that is nothing but a resource
    pub label: &'static str,
    /// the value, trimmed; several lines joined by `\n`
    pub value: String,
    /// number of the label's line
    pub line: usize,
    /// number of the value's last line
    pub last: usize,
}

/// All labelled fields of a text, in order.
pub(crate) fn read(text: &str) -> Vec<Field> {
    let lines: Vec<&str> = text.lines().collect();
    let mut fields: Vec<Field> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let pair = pair_of_cells(line);
        let line = &pair.as_deref().unwrap_or(line);
        let labels = labels_of(line);
        if labels.is_empty() && is_resource(line) && !continues_prose(&lines, number) {
            fields.push(Field { key: Resource(None), label: "", value: line.trim().to_owned(), line: number, last: number });
        }
        for (n, &(label_at, value_at, key, label)) in labels.iter().enumerate() {
            let end = labels.get(n + 1).map_or(line.len(), |next| next.0);
            let value = line.get(value_at..end).unwrap_or_default().trim().trim_end_matches([',', ';', '|']).trim();
            let bold = line.get(..label_at).is_some_and(|before| before.ends_with('*'));
            let value = without_bold(value, bold);
            let mut field = Field { key, label, value: value.to_owned(), line: number, last: number };
            if value.is_empty() && n + 1 == labels.len() {
                below(&lines, &mut field);
            } else if matches!(key, Resource(_)) && n + 1 == labels.len() {
                bracket_below(&lines, &mut field);
            }
            if !field.value.is_empty() {
                fields.push(field);
            }
        }
    }
    fields
}

/// Without what is left of `*Label:* value`. A mask is longer, or no blank follows it where the label is not bold.
fn without_bold(value: &str, bold: bool) -> &str {
    let bare = value.trim_start_matches('*');
    let stars = value.len() - bare.len();
    let value =
        if (1..=2).contains(&stars) && (bold || bare.is_empty() || bare.starts_with([' ', '\t'])) { bare.trim_start() } else { value };
    // The stars in front of a further label on the line.
    value.strip_suffix(" **").or_else(|| value.strip_suffix(" *")).unwrap_or(value).trim_end()
}

/// Text in which classic lines that were wrapped inside or behind a label are whole again: `… NAT Gateway` / `Id: nat-…`.
pub(crate) fn rejoined(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let has = |line: &str, wanted: fn(&Key) -> bool| labels_of(line).iter().any(|l| wanted(&l.2));
        let account = has(line, |k| *k == Account);
        let resource = |line: &str| read(line).iter().any(|f| matches!(f.key, Resource(_)));
        if account && !resource(line) {
            // The rest may lie on the next line or on the two next.
            let joined = (1..=2).find_map(|n| {
                let rest = lines.get(at..at + n)?;
                let apart = rest.iter().all(|l| !l.trim().is_empty() && !has(l, |k| *k == Account));
                let whole = format!("{line} {}", rest.join(" "));
                (apart && resource(&whole) && !rest.iter().any(|l| resource(l))).then_some((whole, n))
            });
            if let Some((whole, n)) = joined {
                out.push(whole);
                at += n;
                continue;
            }
        }
        out.push((*line).to_owned());
    }
    out.join("\n")
}

/// Where labels stand on a line: first byte, first byte of the value, key, label.
fn labels_of(line: &str) -> Vec<(usize, usize, Key, &'static str)> {
    let lower = line.to_ascii_lowercase();
    let start = lower.len() - lower.trim_start_matches([' ', '\t', '*', '-', '•', '・', '>', '|', '#', '■', '◆']).len();
    let start = start + numbering(lower.get(start..).unwrap_or_default());
    let mut found: Vec<(usize, usize, Key, &'static str)> = Vec::new();
    let mut resume = start;
    let mut before = ' ';
    for (at, c) in lower.char_indices() {
        let edge = !before.is_ascii_alphanumeric() && before != '-' && before != '/' && before != '.';
        before = c;
        if at < resume || !edge {
            continue;
        }
        // After a first label, others may follow on the same line; alone in prose only the unmistakable ones count.
        let any = at == start || !found.is_empty();
        let Some(rest) = lower.get(at..) else { continue };
        if let Some((length, key, label)) = label_at(rest, any) {
            found.push((at, at + length, key, label));
            resume = at + length;
        }
    }
    found
}

/// Whether a line carries a labelled field.
pub(crate) fn is_labelled(line: &str) -> bool {
    !labels_of(pair_of_cells(line).as_deref().unwrap_or(line)).is_empty()
}

/// `| Label* | value |` as `Label: value`.
fn pair_of_cells(line: &str) -> Option<String> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let (label, value) = inside.split_once('|')?;
    (!value.contains('|')).then(|| format!("{}: {}", label.trim().trim_end_matches(['*', ':']), value.trim()))
}

/// Whether a line goes on with a wrapped sentence: the one above is prose that has not ended.
fn continues_prose(lines: &[&str], number: usize) -> bool {
    let Some(above) = number.checked_sub(1).and_then(|n| lines.get(n)).map(|l| l.trim()) else { return false };
    let prose = above.split_whitespace().count() >= 4 && !above.ends_with([':', '.', '!', '?']);
    prose && labels_of(above).is_empty() && !is_resource(above) && !starts_item(above)
}

/// A line that is nothing but a resource, as in a list of them.
fn is_resource(line: &str) -> bool {
    let bare = line.trim().trim_end_matches([':', ',', ';', '.']);
    let bare = bare.trim_start_matches(['*', '-', '•', '・', ' ']);
    let bare = bare.get(numbering(bare)..).unwrap_or_default();
    matches!(resources::find(bare).as_slice(), [one] if one.start == 0 && one.end == bare.len())
}

/// `1. ` or `2) ` in front of a label.
fn numbering(text: &str) -> usize {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == text.len() || !rest.starts_with(['.', ')']) {
        return 0;
    }
    let behind = rest.get(1..).unwrap_or_default().trim_start();
    text.len() - behind.len()
}

/// The label at the beginning of a text with its length, colon included.
fn label_at(rest: &str, any: bool) -> Option<(usize, Key, &'static str)> {
    for Label(words, key, anywhere) in labels(*rest.as_bytes().first()?) {
        if !any && !anywhere {
            continue;
        }
        let Some(behind) = rest.strip_prefix(words) else { continue };
        let behind = behind.strip_prefix("(s)").unwrap_or(behind).trim_start_matches([' ', '\t']);
        let behind = match behind.strip_prefix('(').and_then(|inside| inside.split_once(')')) {
            Some((inside, after)) if inside.len() <= 40 => after,
            _ => behind,
        };
        let behind = behind.trim_start_matches(['*', ' ', '\t']);
        if let Some(value) = behind.strip_prefix([':', '：']) {
            return Some((rest.len() - value.len(), *key, words));
        }
        // `Case number 12345678901` and `Case ID #12345678901` do without the colon.
        if *key == Key::Case && behind.starts_with(|c: char| c == '#' || c.is_ascii_digit()) {
            return Some((rest.len() - behind.trim_start_matches('#').len(), *key, words));
        }
    }
    None
}

/// An address in brackets that was wrapped onto the line below its resource.
fn bracket_below(lines: &[&str], field: &mut Field) {
    let Some(next) = lines.get(field.last + 1).map(|l| l.trim()) else { return };
    let whole = (next.starts_with('[') && next.ends_with(']')) || (next.starts_with('(') && next.ends_with(')'));
    if whole && next.len() <= 60 && !field.value.contains('[') {
        field.value.push(' ');
        field.value.push_str(next);
        field.last += 1;
    }
}

/// A value that stands below its label: the next line, or the list items that follow.
fn below(lines: &[&str], field: &mut Field) {
    if field.key == Key::Log {
        return;
    }
    let mut values: Vec<&str> = Vec::new();
    for (number, line) in lines.iter().enumerate().skip(field.line + 1).take(12) {
        let line = line.trim();
        if line.is_empty() {
            if values.is_empty() && number == field.line + 1 {
                continue;
            }
            break;
        }
        let item = starts_item(line);
        if !labels_of(line).is_empty() || (!values.is_empty() && !item) {
            break;
        }
        values.push(line.trim_start_matches(['*', '-', '•', '・']).trim());
        field.last = number;
        if !item {
            break;
        }
    }
    field.value = values.join("\n");
    if matches!(field.key, Resource(_)) {
        bracket_below(lines, field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<(Key, String)> {
        read(text).into_iter().map(|f| (f.key, f.value)).collect()
    }

    #[test]
    fn three_pairs_on_a_line() {
        for line in [
            "AWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]",
            "AWS ID: 111122223333 Region: us-west-2 EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]",
        ] {
            assert_eq!(
                list(line),
                [
                    (Account, "111122223333".to_owned()),
                    (Region, "us-west-2".to_owned()),
                    (Resource(Some(Kind::Ec2Instance)), "i-0123456789abcdef0 [203.0.113.7]".to_owned())
                ]
            );
        }
    }

    #[test]
    fn labels_without_blanks_and_with_plural() {
        assert_eq!(
            list("Implicated Resource:EC2 Instance Id: i-x\nRegion(s):eu-central-1\nReported Vulnerability:rpcbind_portmapper"),
            [
                (Resource(Some(Kind::Ec2Instance)), "i-x".to_owned()),
                (Region, "eu-central-1".to_owned()),
                (Vulnerability, "rpcbind_portmapper".to_owned())
            ]
        );
    }

    #[test]
    fn form_fields() {
        let form = "Abuse type*: port-scanning\nDestination ports and protocols (e.g. 22/TCP): 30303/UDP\nAbuse date (yyyy-mm-dd)*: 2018-01-02\n\
                    Abuse time, 24-hr format (hh:mm)*: 14:30\nTime zone*: -0800";
        let keys: Vec<_> = list(form).into_iter().map(|(k, _)| k).collect();
        assert_eq!(keys, [Activity, RemotePort, Date, Clock, Zone]);
    }

    #[test]
    fn values_below_their_label() {
        assert_eq!(list("Region(s):\n* us-east-1\n* us-west-2\n\nmore"), [(Region, "us-east-1\nus-west-2".to_owned())]);
        assert_eq!(list("1. Required Actions:\n\nInvestigate root cause\n"), [(RequiredAction, "Investigate root cause".to_owned())]);
    }

    #[test]
    fn prose_is_not_labelled() {
        assert_eq!(list("We took the following action: none. At any time: yes"), []);
        assert_eq!(list("... Case number: 12345678901-1"), [(Case, "12345678901-1".to_owned())]);
    }
}
