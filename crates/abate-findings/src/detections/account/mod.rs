//! What the account-side detections share: whose call it is, from where, with which tool, and what its parameters say.
//!
//! Deliberately absent: any judgement. Each detection decides for itself which calls it picks and how grave they are.

#[cfg(test)]
pub(super) mod fixture;
pub(super) mod group;
pub(super) mod history;
pub(super) mod policy;
pub(super) mod ports;

use std::net::IpAddr;

use abate_model::rows::ApiActivity;
use abate_model::{Body, Filter, Row, Severity, Table, Text};
use jiff::Timestamp;
use serde_json::Value;

pub(super) use super::known::{by_aws, is_office};
use crate::Context;

/// Longest JSON parameter text that is parsed; CloudTrail itself cuts an event at 256 KB.
const MAX_JSON: usize = 512 * 1024;
/// How deep [`find_all`] looks.
const MAX_DEPTH: usize = 24;

/// Visits every API call that people or programs made; what AWS services do by themselves is left out.
pub(super) fn each_call(ctx: &Context<'_>, visit: &mut dyn FnMut(&Row<'_>, &ApiActivity<'_>)) {
    ctx.evidence.each(&Filter::table(Table::ApiActivity), &mut |row| {
        if let Body::Api(api) = &row.body
            && !by_aws(api)
        {
            visit(row, api);
        }
    });
}

/// The service's short name: `iam` of `iam.amazonaws.com`.
pub(super) fn service<'a>(api: &'a ApiActivity<'_>) -> &'a str {
    api.event_source.split('.').next().unwrap_or_default()
}

/// One name for all sessions of a role, all keys of a user.
pub(super) fn actor(api: &ApiActivity<'_>) -> String {
    if api.identity_type.as_deref() == Some("Root") {
        return format!("root of {}", api.account.as_deref().unwrap_or("the account"));
    }
    if let Some(issuer) = api.session_issuer_arn.as_deref().filter(|_| api.identity_type.as_deref() == Some("AssumedRole")) {
        return issuer.to_owned();
    }
    match api.identity_arn.as_deref() {
        Some(arn) if arn.contains(":assumed-role/") => arn.rsplit_once('/').map_or(arn, |(role, _)| role).to_owned(),
        Some(arn) => arn.to_owned(),
        None => api.user_name.as_deref().or(api.actor()).or(api.identity_type.as_deref()).unwrap_or("unknown").to_owned(),
    }
}

/// The actor in words that can begin a sentence.
pub(super) fn label(api: &ApiActivity<'_>) -> Text {
    let key = actor(api);
    let last = key.rsplit('/').next().unwrap_or_default();
    let name = clip(api.user_name.as_deref().filter(|_| api.identity_type.as_deref() != Some("AssumedRole")).unwrap_or(last));
    match api.identity_type.as_deref() {
        Some("Root") => Text::fixed("The root user", "ルートユーザー"),
        Some("IAMUser") => Text::new(format!("IAM user {name}"), format!("IAM ユーザー {name} ")),
        Some("AssumedRole") => Text::new(format!("Role {name}"), format!("ロール {name} ")),
        Some("FederatedUser") => Text::new(format!("Federated user {name}"), format!("フェデレーションユーザー {name} ")),
        Some("AWSAccount") if is_anonymous(api) => Text::fixed("An anonymous caller", "匿名の呼び出し元"),
        Some("AWSAccount") => Text::new(format!("Another account ({name})"), format!("別のアカウント（{name}）")),
        _ => Text::new(format!("Principal {name}"), format!("プリンシパル {name} ")),
    }
}

/// Whether nobody signed the request.
pub(super) fn is_anonymous(api: &ApiActivity<'_>) -> bool {
    let anonymous = |id: &str| id.eq_ignore_ascii_case("anonymous") || id == "ANONYMOUS_PRINCIPAL";
    let named = api.account.as_deref().is_some_and(anonymous) || api.principal_id.as_deref().is_some_and(anonymous);
    let keyless = api.access_key_id.is_none() && api.identity_arn.is_none();
    // CloudTrail writes such a caller as AWSAccount with an empty principal and the account "anonymous"; the account
    // column holds the recipient, so that an AWSAccount without principal and key is one, too.
    named || (api.identity_type.as_deref() == Some("AWSAccount") && keyless && api.principal_id.as_deref().unwrap_or_default().is_empty())
}

/// The instance id that is the session's name: sessions of instance roles are named after their instance.
pub(super) fn instance_of<'a>(api: &'a ApiActivity<'_>) -> Option<&'a str> {
    let of_arn = api.identity_arn.as_deref().filter(|arn| arn.contains(":assumed-role/")).and_then(|arn| arn.rsplit('/').next());
    let of_principal = api.principal_id.as_deref().and_then(|id| id.rsplit_once(':')).map(|(_, session)| session);
    of_arn.into_iter().chain(of_principal).find(|session| {
        session.strip_prefix("i-").is_some_and(|id| (8..=17).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()))
    })
}

/// The address a call came from; octets with leading zeros are read as decimal. `None` for names of services.
pub(super) fn address(source: &str) -> Option<IpAddr> {
    if let Ok(address) = source.parse() {
        return Some(address);
    }
    let octets: Vec<u8> = source.split('.').map(|o| o.parse::<u8>().ok()).collect::<Option<_>>()?;
    <[u8; 4]>::try_from(octets).ok().map(IpAddr::from)
}

/// The neighbourhood of an address: its /16 (IPv4) or /48 (IPv6). Wide enough that one provider's customer who gets a new
/// address mostly stays inside.
pub(super) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            format!("{a}.{b}.0.0/16")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

/// The family of a user agent, without versions: `aws-cli`, `boto3`, `terraform`, `console`, … .
pub(super) fn agent_family(agent: &str) -> String {
    const FAMILIES: &[(&str, &str)] = &[
        ("aws-cli", "aws-cli"),
        ("terraform", "terraform"),
        ("pulumi", "pulumi"),
        ("boto3", "boto3"),
        ("botocore", "boto3"),
        ("console", "console"),
        ("mozilla", "console"),
        // The console's own back ends.
        ("aws-internal", "console"),
        ("apache-httpclient", "console"),
        ("cloudshell", "cloudshell"),
    ];
    let lower = agent.trim().trim_start_matches('[').to_ascii_lowercase();
    if let Some((_, family)) = FAMILIES.iter().find(|(word, _)| lower.contains(word)) {
        return (*family).to_owned();
    }
    let head: String = lower.split(['/', ' ', ';', ',', '(', ']', '_']).next().unwrap_or_default().chars().take(40).collect();
    if head.is_empty() { "unknown".to_owned() } else { head }
}

/// A tool or system that is made for attacks or tests of security, as its agent says itself.
pub(super) fn attack_tool(agent: &str) -> Option<&'static str> {
    const TOOLS: &[&str] = &[
        "stratus-red-team",
        "pacu",
        "kali",
        "parrot",
        "pentoo",
        "cloudfox",
        "scoutsuite",
        "trufflehog",
        "enumerate-iam",
        "androxgh0st",
        "cloudsploit",
        "peirates",
        "s3 browser",
        "gitguardian",
        "nuclei",
        "awspx",
        "weirdaal",
        "greenbot",
        "xmrig",
    ];
    let lower = agent.to_ascii_lowercase();
    TOOLS.iter().copied().find(|tool| lower.contains(tool))
}

/// Whether a call only reads: as CloudTrail says, else by its name.
pub(super) fn is_read(api: &ApiActivity<'_>) -> bool {
    const READS: &[&str] = &["Get", "List", "Describe", "Head", "Lookup", "Search", "BatchGet", "Check", "Simulate", "Select"];
    api.read_only.unwrap_or_else(|| READS.iter().any(|verb| api.event_name.starts_with(verb)))
}

/// JSON parameters; `Null` when there are none, they are too long or no JSON.
pub(super) fn json(text: Option<&str>) -> Value {
    text.filter(|t| t.len() <= MAX_JSON).and_then(|t| serde_json::from_str(t).ok()).unwrap_or(Value::Null)
}

/// Request parameters of a call.
pub(super) fn request(api: &ApiActivity<'_>) -> Value {
    json(api.request.as_deref())
}

/// A text or number at a JSON pointer.
pub(super) fn text_at(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// All values under a key, at any depth, whatever the case of the key's first letter.
pub(super) fn find_all<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    collect(value, key, MAX_DEPTH, &mut found);
    found
}

fn collect<'v>(value: &'v Value, key: &str, depth: usize, found: &mut Vec<&'v Value>) {
    if depth == 0 || found.len() > 1000 {
        return;
    }
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                if name.eq_ignore_ascii_case(key) {
                    found.push(inner);
                }
                collect(inner, key, depth - 1, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, depth - 1, found)),
        _ => {}
    }
}

/// All texts (or numbers as text) under a key.
pub(super) fn texts(value: &Value, key: &str) -> Vec<String> {
    find_all(value, key)
        .into_iter()
        .filter_map(|v| match v {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .collect()
}

/// A value from a log, short enough for a sentence; control characters are dropped.
pub(super) fn clip(text: &str) -> String {
    let mut out: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
    if text.chars().count() > 100 {
        out.push('…');
    }
    out
}

/// One step less.
pub(super) fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Informational => Severity::Informational,
    }
}

/// Days since 1970, for counting on how many days something happened.
pub(super) fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_networks_and_agents() {
        assert_eq!(address("075.050.255.67").map(network).as_deref(), Some("75.50.0.0/16"));
        assert_eq!(address("2001:db8:7::1").map(network).as_deref(), Some("2001:db8:7::/48"));
        assert_eq!(address("ec2.amazonaws.com"), None);
        assert_eq!(agent_family("aws-cli/2.15 Python/3.11 Linux/6 exe/x86_64"), "aws-cli");
        assert_eq!(agent_family("[Boto3/1.26 Botocore/1.29]"), "boto3");
        assert_eq!(agent_family("stratus-red-team_5c5"), "stratus-red-team");
        assert_eq!(agent_family(""), "unknown");
        assert_eq!(attack_tool("Boto3/1.9 Python/3 Linux/4.19-Kali5"), Some("kali"));
    }

    #[test]
    fn services_are_told_from_people_and_instances_are_named() {
        let mut api = ApiActivity { source_ip: Some("autoscaling.amazonaws.com".into()), ..ApiActivity::default() };
        assert!(by_aws(&api));
        api.source_ip = Some("203.0.113.5".into());
        api.identity_type = Some("AssumedRole".into());
        api.identity_arn = Some("arn:aws:sts::111122223333:assumed-role/web/i-0abcdef0123456789".into());
        assert!(!by_aws(&api));
        assert_eq!(instance_of(&api), Some("i-0abcdef0123456789"));
        assert_eq!(actor(&api), "arn:aws:sts::111122223333:assumed-role/web");
        assert_eq!(label(&api).en, "Role web");
    }

    #[test]
    fn long_values_are_clipped_at_characters() {
        assert_eq!(clip(&"あ".repeat(150)).chars().count(), 101);
        assert_eq!(clip("a\u{1b}[31mb"), "a[31mb");
    }
}
