//! Whose the reported address was at the reported time, and who worked behind it.

use std::net::IpAddr;

use abate_model::disproof::{NotOurs, Told};
use abate_model::time::utc;
use abate_model::{Claim, EntityKind, Finding, Notice, ReportedActivity, Severity, Table, Text};
use serde_json::json;

use crate::address::{HolderKind, Standing, standings};
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
    needs: &[Table::ApiActivity, Table::InventoryInfo, Table::DetectionFinding],
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
        .about(accused),
        Example::miss("no call names the address", "そのアドレスに触れる呼び出しがない", || {
            calls([address_call(0, "DescribeInstances")])
        })
        .about(accused),
    ],
    run,
};

/// A notice whose reporter accuses the address itself.
fn accused() -> Notice {
    let mut notice = port_scan();
    notice.reported.iter_mut().for_each(|reported| reported.text = "port scan from 203.0.113.10".to_owned());
    notice
}

/// A call of EC2 about addresses.
fn address_call(second: i64, name: &str) -> Call {
    let mut call = call("20T00:00:00", &format!("ec2:{name}")).region("us-east-1");
    call.0 = at(second);
    call
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (reported, standings) in context.notice.reported.iter().zip(standings(context)) {
        let found = match disowned(context, reported) {
            Some(found) => found,
            None => standings.iter().filter_map(held).collect(),
        };
        for finding in found {
            if !findings.iter().any(|f| f.title == finding.title) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// Findings that it was not ours, where that is proved.
fn disowned(context: &Context<'_>, reported: &ReportedActivity) -> Option<Vec<Finding>> {
    let proof = NotOurs::prove(context.evidence, context.notice, reported).ok()?;
    let cites = proof.evidence();
    let finding = |told: &Told| {
        let (claim, address, at, en, ja) = match told {
            Told::NotYet(address, at) => (
                Claim::AddressNotYetOurs,
                address,
                at,
                format!("{address} became ours only at {}, after the reported time", utc(*at)),
                format!("{address} が当方のものになったのは、報告時刻より後の {} である", utc(*at)),
            ),
            Told::NoLonger(address, at) => (
                Claim::AddressNoLongerOurs,
                address,
                at,
                format!("{address} was given back at {}, before the reported time", utc(*at)),
                format!("{address} は、報告時刻より前の {} に返却済みだった", utc(*at)),
            ),
        };
        let mut finding = Finding::new(claim, Severity::High, Text::new(en, ja), DETECTION.innocent.clone(), cites.first()?.clone());
        finding.seen(Some(*at));
        cites.iter().for_each(|cite| finding.also(cite.clone()));
        finding.names(EntityKind::LocalAddress, address.to_string());
        Some(finding)
    };
    Some(proof.told().iter().filter_map(finding).collect())
}

/// A finding that it was ours, with who held it.
fn held(standing: &Standing) -> Option<Finding> {
    let holdings = standing.holdings();
    let (address, certain): (IpAddr, bool) = (standing.timeline.address, holdings.iter().any(|h| h.spans(standing.window)));
    // Where only a description of today names the address, whose it was then is a guess and no finding.
    let first = holdings.first().filter(|_| certain)?;
    let holder = first.holder.says();
    let (since, since_ja) = first
        .from
        .at()
        .map_or_else(Default::default, |at| (format!(", since {} at the latest", utc(at)), format!("（遅くとも {} から）", utc(at))));
    let title = Text::new(
        format!("{address} was ours at the reported time, held by {}{since}", holder.en),
        format!("報告時刻に {address} は当方のもので、保有者は {}{since_ja}", holder.ja),
    );
    let detail = standing.says().unwrap_or_else(|| DETECTION.innocent.clone());
    let mut finding = Finding::new(Claim::AddressOurs, Severity::Informational, title, detail, first.from.cite().clone());
    finding.seen(first.from.at());
    for holding in &holdings {
        finding.also(holding.from.cite().clone());
        holding.until.iter().for_each(|edge| finding.also(edge.cite().clone()));
        name(&mut finding, holding.holder.kind, holding.holder.resource.as_deref(), holding.holder.interface.as_deref());
    }
    for workload in &standing.behind {
        finding.also(workload.cite.clone());
        finding.names(EntityKind::LocalAddress, workload.private.to_string());
        name(&mut finding, HolderKind::Instance, workload.resource.as_deref(), workload.interface.as_deref());
    }
    finding.names(EntityKind::LocalAddress, address.to_string());
    Some(finding)
}

fn name(finding: &mut Finding, kind: HolderKind, resource: Option<&str>, interface: Option<&str>) {
    if let Some(resource) = resource {
        let of = if kind == HolderKind::Instance && resource.starts_with("i-") { EntityKind::Instance } else { EntityKind::Resource };
        finding.names(of, resource);
    }
    if let Some(interface) = interface {
        finding.names(EntityKind::Interface, interface);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::tests::api;
    use crate::testkit::{notice, run_with};

    fn claims(rows: Vec<abate_model::Row<'static>>) -> Vec<Claim> {
        let mut notice = notice();
        notice.reported[0].text = "port scan from 203.0.113.10".into();
        run_with(&DETECTION, rows, &notice).into_iter().map(|f| f.claim).collect()
    }

    #[test]
    fn the_time_of_allocation_decides() {
        let allocated = |at| api(at, "AllocateAddress", "{}", r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#);
        assert_eq!(claims(vec![api(-9000, "DescribeInstances", "{}", "{}"), allocated(9000)]), vec![Claim::AddressNotYetOurs]);
        assert_eq!(claims(vec![allocated(-9000)]), vec![Claim::AddressOurs]);
        assert_eq!(claims(vec![api(0, "DescribeInstances", "{}", "{}")]), vec![]);
    }
}
