//! What a policy document gives, and to whom.
//!
//! Conditions are not evaluated: a statement with a condition is told as such, and the reader decides.

use serde_json::Value;

/// How much a policy gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Grant {
    /// named actions only
    Narrow,
    /// the document is not in the record, or cannot be read
    Unknown,
    /// all actions of a service that leads to more (IAM, STS, Organizations)
    Identity,
    /// everything
    Everything,
}

/// Reads a document: a JSON value, or JSON in a string, or that percent-encoded.
pub(in super::super) fn document(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::String(text) if text.len() <= 256 * 1024 => {
            let text = text.trim();
            serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&percent_decoded(text)?).ok())
        }
        Value::Object(_) => value.cloned(),
        _ => None,
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.starts_with("%7B") && !text.starts_with("%7b") {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let hex = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// What the allowing statements give.
pub(in super::super) fn grant(document: Option<&Value>) -> Grant {
    let Some(document) = document else { return Grant::Unknown };
    let mut most = Grant::Narrow;
    for statement in allowing(document) {
        if statement.get("NotAction").is_some() {
            most = most.max(Grant::Everything);
        }
        for action in strings(statement.get("Action")) {
            let action = action.to_ascii_lowercase();
            most = most.max(match action.as_str() {
                "*" | "*:*" => Grant::Everything,
                "iam:*" | "sts:*" | "organizations:*" | "iam:pass*" | "iam:create*" | "iam:attach*" | "iam:put*" => Grant::Identity,
                _ => Grant::Narrow,
            });
        }
    }
    most
}

/// Whether an allowing statement gives an action (by its beginning, e.g. `ses:send`), wildcards counted.
pub(in super::super) fn gives(document: &Value, prefix: &str) -> bool {
    allowing(document).any(|statement| {
        strings(statement.get("Action")).iter().any(|action| {
            let action = action.to_ascii_lowercase();
            action.starts_with(prefix) || action.strip_suffix('*').is_some_and(|head| !head.is_empty() && prefix.starts_with(head))
        })
    })
}

/// Somebody outside the account whom a policy lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Outsider {
    /// account id, ARN, or `*`
    pub who: String,
    /// whether a condition restricts it
    pub conditional: bool,
}

/// All outsiders that a document lets in, seen from an account.
pub(in super::super) fn outsiders(document: &Value, own: Option<&str>) -> Vec<Outsider> {
    let mut found = Vec::new();
    for statement in allowing(document) {
        let conditional = statement.get("Condition").is_some_and(|c| c.as_object().is_some_and(|c| !c.is_empty()));
        let principal = statement.get("Principal");
        let named = strings(principal.filter(|p| p.is_string())).into_iter().chain(strings(principal.and_then(|p| p.get("AWS"))));
        for who in named.filter(|who| is_outside(who, own)) {
            found.push(Outsider { who, conditional });
        }
    }
    found
}

/// Whether a principal lies outside an account: `*`, another account's id, or an ARN of another account.
pub(in super::super) fn is_outside(who: &str, own: Option<&str>) -> bool {
    match account_of(who) {
        Some(account) => own.is_some_and(|own| own != account),
        None => who == "*",
    }
}

/// The account in an ARN, or the id itself.
pub(in super::super) fn account_of(who: &str) -> Option<&str> {
    let id = if who.starts_with("arn:") { who.split(':').nth(4)? } else { who };
    (id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit())).then_some(id)
}

fn allowing(document: &Value) -> impl Iterator<Item = &Value> {
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    statements.into_iter().filter(|s| s.get("Effect").and_then(Value::as_str) == Some("Allow"))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn grants_and_outsiders() {
        let text = json!(r#"{"Statement":{"Effect":"Allow","Action":["s3:Get*","*"],"Resource":"*"}}"#);
        assert_eq!(grant(document(Some(&text)).as_ref()), Grant::Everything);
        let encoded = json!("%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22iam%3A%2A%22%7D%5D%7D");
        assert_eq!(grant(document(Some(&encoded)).as_ref()), Grant::Identity);
        assert_eq!(grant(document(Some(&json!("no json"))).as_ref()), Grant::Unknown);
        let trust = json!({"Statement":[
            {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:root","arn:aws:iam::111122223333:root"]}},
            {"Effect":"Deny","Principal":"*"},
            {"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}]});
        let found = outsiders(&trust, Some("111122223333"));
        assert_eq!(found, vec![Outsider { who: "arn:aws:iam::444455556666:root".into(), conditional: false }]);
        assert!(gives(&json!({"Statement":{"Effect":"Allow","Action":"ses:*"}}), "ses:send"));
        assert!(!gives(&json!({"Statement":{"Effect":"Allow","Action":"s3:*"}}), "ses:send"));
    }
}
