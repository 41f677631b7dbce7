//! Whether the reported address was ours at the reported time.

use abate_model::time::utc;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::json;

use crate::address::{Ownership, holder};
use crate::corroboration::window_of;
use crate::examples::{Call, at, call, calls, port_scan};
use crate::{Context, Detection, Example, Tactic};

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "address-ownership",
    title: Text::fixed("Whose address it was at the reported time", "報告時刻のアドレスの保有者"),
    claims: &[Claim::AddressOurs, Claim::AddressNotYetOurs, Claim::AddressNoLongerOurs],
    techniques: &[],
    tactic: Tactic::Context,
    severity: Severity::Informational,
    needs: &[Table::ApiActivity],
    innocent: Text::fixed("Public addresses pass from one customer to the next.", "パブリックアドレスは利用者の間で再利用される。"),
    examples: &[
        Example::hit(
            "the address is allocated after the reported time",
            "アドレスが報告時刻より後に割り当てられる",
            || {
                calls([
                    address_call(-9000, "DescribeInstances"),
                    address_call(9000, "AllocateAddress").response(json!({"publicIp": "203.0.113.10", "allocationId": "eipalloc-1"})),
                ])
            },
            &[Claim::AddressNotYetOurs],
        )
        .about(port_scan),
        Example::miss("no call names the address", "そのアドレスに触れる呼び出しがない", || {
            calls([address_call(0, "DescribeInstances")])
        })
        .about(port_scan),
    ],
    run,
};

/// A call of EC2 about addresses.
fn address_call(second: i64, name: &str) -> Call {
    let mut call = call("20T00:00:00", &format!("ec2:{name}")).region("us-east-1");
    call.0 = at(second);
    call
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for reported in &context.notice.reported {
        let Some(window) = window_of(reported) else { continue };
        let resources = context.notice.resources.iter().filter(|r| reported.resource.as_deref().is_none_or(|id| id == r.id));
        for address in resources.flat_map(|r| r.addresses.iter().chain(std::iter::once(&r.id))).filter_map(|a| a.parse().ok()) {
            let (claim, severity, at, first, rest, en, ja) = match holder(context, address, window) {
                Ownership::Unknown => continue,
                Ownership::Ours { since, cite } => (
                    Claim::AddressOurs,
                    Severity::Informational,
                    since,
                    cite,
                    Vec::new(),
                    format!("{address} was ours from {} on", utc(since)),
                    format!("{address} は {} から当方のものだった", utc(since)),
                ),
                Ownership::NotYetOurs { acquired, first, rest } => (
                    Claim::AddressNotYetOurs,
                    Severity::High,
                    acquired,
                    first,
                    rest,
                    format!("{address} became ours only at {}, after the reported time", utc(acquired)),
                    format!("{address} が当方のものになったのは、報告時刻より後の {} である", utc(acquired)),
                ),
                Ownership::NoLongerOurs { released, first, rest } => (
                    Claim::AddressNoLongerOurs,
                    Severity::High,
                    released,
                    first,
                    rest,
                    format!("{address} was given back at {}, before the reported time", utc(released)),
                    format!("{address} は、報告時刻より前の {} に返却済みだった", utc(released)),
                ),
            };
            let mut finding = Finding::new(claim, severity, Text::new(en, ja), DETECTION.innocent.clone(), first);
            finding.seen(Some(at));
            rest.into_iter().for_each(|c| finding.also(c));
            finding.names(EntityKind::LocalAddress, address.to_string());
            if !findings.iter().any(|f| f.title == finding.title) {
                findings.push(finding);
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::tests::api;
    use crate::testkit::claims;

    #[test]
    fn the_time_of_allocation_decides() {
        let allocated = |at| api(at, "AllocateAddress", "{}", r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#);
        assert_eq!(claims(&DETECTION, vec![api(-9000, "DescribeInstances", "{}", "{}"), allocated(9000)]), vec![Claim::AddressNotYetOurs]);
        assert_eq!(claims(&DETECTION, vec![allocated(-9000)]), vec![Claim::AddressOurs]);
        assert_eq!(claims(&DETECTION, vec![api(0, "DescribeInstances", "{}", "{}")]), vec![]);
    }
}
