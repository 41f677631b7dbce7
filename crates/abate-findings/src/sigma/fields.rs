//! Which fields the events of a route have, so that a rule which can never match is told instead of waiting in vain.

use std::collections::BTreeSet;

use rsigma_parser::{ConditionExpr, Detection, DetectionItem, Detections, Modifier, Quantifier, SigmaValue};

use super::route::Route;
use super::{net, request};

/// The names at the top of a CloudTrail record. Source: CloudTrail User Guide, "CloudTrail record contents for management, data, and
/// network activity events" and "... for Insights events".
const TRAIL: &[&str] = &[
    "addendum",
    "additionalEventData",
    "apiVersion",
    "awsRegion",
    "edgeDeviceDetails",
    "errorCode",
    "errorMessage",
    "eventCategory",
    "eventContext",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventVersion",
    "inScopeOf",
    "insightDetails",
    "managementEvent",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "sessionCredentialFromConsole",
    "sharedEventID",
    "sourceIPAddress",
    "tlsDetails",
    "userAgent",
    "userIdentity",
    "vpcEndpointAccountId",
    "vpcEndpointId",
];
const LINE: &[&str] = &["message", "program", "host", "user", "src_ip"];
/// What a program's start holds, from whichever log; the last two are Sysmon's and the shell's alone.
const PROCESS: &[&str] = &[
    "Image",
    "CommandLine",
    "CurrentDirectory",
    "User",
    "ParentImage",
    "message",
    "program",
    "host",
    "user",
    "ParentCommandLine",
    "LogonId",
    "ProcessId",
    "ParentProcessId",
    "ProcessGuid",
    "ParentProcessGuid",
    "LogonGuid",
    "TerminalSessionId",
    "IntegrityLevel",
    "Hashes",
    "Computer",
    "EventID",
];
const FILE: &[&str] = &["TargetFilename", "Image", "User", "host", "ProcessId", "ProcessGuid", "CreationUtcTime", "Computer", "EventID"];
const CONNECTION: &[&str] = &[
    "Image",
    "User",
    "Initiated",
    "Protocol",
    "SourceIp",
    "SourcePort",
    "DestinationIp",
    "DestinationPort",
    "DestinationHostname",
    "SourceHostname",
    "ProcessId",
    "ProcessGuid",
    "SourceIsIpv6",
    "DestinationIsIpv6",
    "Computer",
    "EventID",
];

/// Whether events of a route can hold a field.
fn is_known(route: &Route, field: &str) -> bool {
    let among = |names: &[&str]| names.contains(&field);
    match route {
        Route::CloudTrail => among(TRAIL) || field.split_once(['.', '[']).is_some_and(|(front, _)| TRAIL.contains(&front)),
        Route::Web | Route::Proxy => among(request::NAMES),
        Route::Linux | Route::LinuxService(_) => among(LINE),
        Route::LinuxProcess => among(PROCESS),
        Route::LinuxFile => among(FILE),
        Route::LinuxConnection => among(CONNECTION),
        Route::Dns => among(net::DNS),
        Route::Firewall => among(net::FLOW),
        // What a record holds is the program's to say.
        Route::LinuxAudit | Route::Windows | Route::WindowsService(_) | Route::WindowsCategory(_) => true,
    }
}

/// What a rule asks for in vain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Vain {
    /// its fields that events of its route never hold
    pub fields: BTreeSet<String>,
    /// whether it can match all the same
    pub can_match: bool,
}

/// Of a rule for a route.
pub(super) fn vain(detections: &Detections, route: &Route) -> Vain {
    let mut fields = BTreeSet::new();
    detections.named.values().for_each(|detection| each(detection, &mut |item| note(item, route, &mut fields)));
    let can_match = fields.is_empty() || detections.conditions.iter().any(|condition| of(condition, detections, route).yes);
    Vain { fields, can_match }
}

/// The modifiers that the engine takes but that need something which a rule file alone does not give.
pub(super) fn placeholder(detections: &Detections) -> Option<String> {
    let mut found = None;
    let mut look = |item: &DetectionItem| {
        if item.field.has_modifier(Modifier::Expand) {
            found.get_or_insert_with(|| item.field.name.clone().unwrap_or_default());
        }
    };
    detections.named.values().for_each(|detection| each(detection, &mut look));
    found
}

fn each<'d>(detection: &'d Detection, visit: &mut dyn FnMut(&'d DetectionItem)) {
    match detection {
        Detection::AllOf(items) => items.iter().for_each(visit),
        Detection::AnyOf(parts) | Detection::And(parts) => parts.iter().for_each(|part| each(part, visit)),
        // Fields inside are those of a member of the list.
        Detection::Keywords(_) | Detection::ArrayMatch { .. } | Detection::Conditional { .. } => {}
    }
}

fn note(item: &DetectionItem, route: &Route, fields: &mut BTreeSet<String>) {
    if let Some(name) = item.field.name.as_deref().filter(|name| !is_known(route, name)) {
        fields.insert(name.to_owned());
    }
}

/// What may come out.
#[derive(Clone, Copy)]
struct May {
    yes: bool,
    no: bool,
}

const EITHER: May = May { yes: true, no: true };

fn every(parts: impl Iterator<Item = May>) -> May {
    parts.fold(May { yes: true, no: false }, |all, part| May { yes: all.yes && part.yes, no: all.no || part.no })
}

fn some(parts: impl Iterator<Item = May>) -> May {
    parts.fold(May { yes: false, no: true }, |all, part| May { yes: all.yes || part.yes, no: all.no && part.no })
}

fn of(condition: &ConditionExpr, within: &Detections, route: &Route) -> May {
    let named = |name: &String| within.named.get(name).map_or(EITHER, |detection| of_detection(detection, route));
    match condition {
        ConditionExpr::And(parts) => every(parts.iter().map(|part| of(part, within, route))),
        ConditionExpr::Or(parts) => some(parts.iter().map(|part| of(part, within, route))),
        ConditionExpr::Not(part) => {
            let May { yes, no } = of(part, within, route);
            May { yes: no, no: yes }
        }
        ConditionExpr::Identifier(name) => named(name),
        ConditionExpr::Selector { quantifier, pattern } => {
            let meant = within.named.keys().filter(|name| pattern.matches_detection_name(name)).map(named);
            match quantifier {
                Quantifier::All => every(meant),
                Quantifier::Any | Quantifier::Count(1) => some(meant),
                Quantifier::Count(_) => EITHER,
            }
        }
    }
}

fn of_detection(detection: &Detection, route: &Route) -> May {
    match detection {
        Detection::AllOf(items) => every(items.iter().map(|item| of_item(item, route))),
        Detection::And(parts) => every(parts.iter().map(|part| of_detection(part, route))),
        Detection::AnyOf(parts) => some(parts.iter().map(|part| of_detection(part, route))),
        Detection::Keywords(_) | Detection::ArrayMatch { .. } | Detection::Conditional { .. } => EITHER,
    }
}

/// A field that is never there equals nothing but `null`, and does not exist.
fn of_item(item: &DetectionItem, route: &Route) -> May {
    if item.field.name.as_deref().is_none_or(|name| is_known(route, name)) {
        return EITHER;
    }
    let absent = |value: &SigmaValue| match value {
        SigmaValue::Null => true,
        SigmaValue::Bool(wanted) => item.field.has_modifier(Modifier::Exists) && !wanted,
        _ => false,
    };
    let yes = item.values.iter().any(absent) || item.field.has_modifier(Modifier::Neq);
    May { yes, no: !yes }
}

#[cfg(test)]
mod tests {
    use rsigma_parser::parse_sigma_yaml;

    use super::*;

    fn told(detection: &str, condition: &str) -> Vain {
        let text = format!("title: T\nlogsource:\n  category: webserver\ndetection:\n{detection}  condition: {condition}\n");
        vain(&parse_sigma_yaml(&text).unwrap().rules[0].detection, &Route::Web)
    }

    #[test]
    fn a_rule_is_in_vain_only_if_it_needs_what_is_never_there() {
        let two = "  a:\n    cs-method: GET\n  b:\n    cs-cookie: x\n  n:\n    cs-cookie: null\n  e:\n    cs-cookie|exists: false\n";
        for (condition, can_match) in [
            ("a", true),
            ("b", false),
            ("a and b", false),
            ("a or b", true),
            ("a and not b", true),
            ("n", true),
            ("not n", false),
            ("e and a", true),
            ("not e", false),
            ("1 of them", true),
            ("all of them", false),
        ] {
            let told = told(two, condition);
            assert_eq!(told.can_match, can_match, "{condition}");
            assert_eq!(told.fields.iter().map(String::as_str).collect::<Vec<_>>(), ["cs-cookie"], "{condition}");
        }
        assert_eq!(told("  a:\n    cs-method: GET\n", "a"), Vain { fields: BTreeSet::new(), can_match: true });
    }

    #[test]
    fn a_path_in_a_record_of_cloudtrail_begins_with_one_of_its_names() {
        assert!(is_known(&Route::CloudTrail, "requestParameters.x.y") && is_known(&Route::CloudTrail, "eventName"));
        assert!(!is_known(&Route::CloudTrail, "status") && !is_known(&Route::CloudTrail, "eventNames.x"));
    }
}
