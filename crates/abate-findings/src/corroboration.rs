//! The verdict on each reported activity.
//!
//! `contradicted` needs proof: the address was not ours, or a gap-free source that would show it, over the whole window,
//! with the reporter's time zone stated. Everything else that was not seen is `not-seen` with the coverage named, or
//! `not-checked` with what is missing. What a log is known to have written by a wrong clock stands beside its coverage.

use abate_model::rows::Direction;
use abate_model::time::utc;
use abate_model::verdict::Disproof;
use abate_model::{
    Category, Claim, Clock, Coverage, EntityKind, Finding, ReportedActivity, Severity, Table, Text, TimeWindow, VerdictReport,
    ZoneCertainty,
};
use jiff::SignedDuration;

use crate::Context;
use crate::address::Ownership;

/// One verdict per reported activity, in the notice's order.
#[must_use]
pub fn verdicts(context: &Context<'_>, findings: &[Finding], clocks: &[Clock]) -> Vec<VerdictReport> {
    context.notice.reported.iter().map(|reported| verdict(context, findings, clocks, reported)).collect()
}

/// The reported time, widened by how little is known of the reporter's clock: 15 minutes when the zone is stated, 14 hours
/// (the largest offset from UTC) when it is not.
#[must_use]
pub fn window_of(reported: &ReportedActivity) -> Option<TimeWindow> {
    let doubt =
        if reported.zone_certainty == ZoneCertainty::Stated { SignedDuration::from_mins(15) } else { SignedDuration::from_hours(14) };
    reported.window().map(|w| w.widened(doubt))
}

/// The claims that confirm a category, and the tables that would show it.
fn signs(category: Category) -> (&'static [Claim], &'static [Table]) {
    use Claim as C;
    use Table::{ApiActivity, HttpActivity, InventoryInfo, NetworkActivity};
    match category {
        Category::PortScan => {
            (&[C::OutboundFanOutScan, C::OutboundVerticalScan, C::OutboundLoginAttempts, C::OutboundToReportedRemote], &[NetworkActivity])
        }
        Category::Intrusion => {
            (&[C::OutboundLoginAttempts, C::OutboundFanOutScan, C::OutboundVerticalScan, C::OutboundToReportedRemote], &[NetworkActivity])
        }
        Category::Dos => (&[C::OutboundFlood, C::OutboundAmplification], &[NetworkActivity]),
        Category::Spam => (&[C::OutboundSmtpFanOut, C::SesAbuse, C::MailAbuse], &[NetworkActivity, ApiActivity]),
        Category::Botnet => (
            &[
                C::PeriodicOutbound,
                C::OutboundRareRemote,
                C::OutboundFanOutScan,
                C::OutboundFlood,
                C::OutboundMining,
                C::MiningSoftware,
                C::DnsTunnel,
                C::OutboundToReportedRemote,
            ],
            &[NetworkActivity],
        ),
        Category::Malware | Category::Phishing | Category::Content => (&[C::PhishingPageServed], &[HttpActivity]),
        Category::Copyright => (&[C::PhishingPageServed], &[HttpActivity]),
        Category::Crawling => (&[C::OutboundHttpFanOut, C::OutboundToReportedRemote], &[NetworkActivity]),
        Category::OpenProxy => (&[C::ProxyForwarding], &[NetworkActivity, HttpActivity]),
        Category::OpenResolver => (&[C::OutboundAmplification], &[NetworkActivity]),
        Category::Vulnerability => {
            (&[C::ServiceOpenToWorld, C::InboundToExposedService, C::SecurityGroupOpened], &[InventoryInfo, NetworkActivity, ApiActivity])
        }
        Category::CompromisedCredentials => (
            &[
                C::KeyUsedFromNewPlace,
                C::QuarantineAttached,
                C::InstanceCredentialsUsedOutside,
                C::SuspiciousConsoleLogin,
                C::NewIamUser,
                C::NewAccessKey,
                C::PolicyWidened,
                C::NewCredentialsUsed,
                C::SesAbuse,
            ],
            &[ApiActivity],
        ),
        Category::CryptoMining => (&[C::OutboundMining, C::MiningSoftware, C::UnusualInstanceLaunch], &[NetworkActivity, ApiActivity]),
        Category::ModelAbuse => (&[C::ModelAbuse], &[ApiActivity]),
        Category::Other => (&[C::OutboundToReportedRemote], &[NetworkActivity]),
    }
}

/// Parts of GuardDuty finding types that confirm a category.
fn guardduty(category: Category) -> &'static [&'static str] {
    match category {
        Category::PortScan => &["Recon:EC2/Portscan"],
        Category::Intrusion => &[
            "UnauthorizedAccess:EC2/SSHBruteForce",
            "UnauthorizedAccess:EC2/RDPBruteForce",
            "Impact:EC2/WinRMBruteForce",
            "Recon:EC2/Portscan",
        ],
        Category::Dos => &["Backdoor:EC2/DenialOfService"],
        Category::Spam => &["Backdoor:EC2/Spambot"],
        Category::Botnet | Category::Malware => {
            &["Backdoor:EC2/C&CActivity", "Trojan:EC2/", "Backdoor:EC2/", "Execution:EC2/MaliciousFile", "CryptoCurrency:"]
        }
        Category::Phishing => &["Trojan:EC2/PhishingDomainRequest"],
        Category::CryptoMining => &["CryptoCurrency:"],
        Category::CompromisedCredentials => &[
            "UnauthorizedAccess:IAMUser/",
            "CredentialAccess:IAMUser/",
            "Exfiltration:IAMUser/",
            "Persistence:IAMUser/",
            "Impact:IAMUser/",
            "PrivilegeEscalation:IAMUser/",
        ],
        _ => &[],
    }
}

fn verdict(context: &Context<'_>, findings: &[Finding], clocks: &[Clock], reported: &ReportedActivity) -> VerdictReport {
    if let Some(report) = not_ours(context, findings, clocks, reported) {
        return report;
    }
    let window = window_of(reported);
    let signing: Vec<&Finding> = findings.iter().filter(|f| confirms(f, reported)).collect();
    let (inside, outside): (Vec<&Finding>, Vec<&Finding>) =
        signing.iter().partition(|f| overlaps(f, window) && is_busy(context, f, window));
    if let Some(report) = confirmed(context, clocks, reported, &inside) {
        return report;
    }
    let tables = signs(reported.category).1;
    let looked: Vec<&Coverage> = context.evidence.coverage().iter().filter(|c| tables.contains(&c.table) && reaches(c, window)).collect();
    if looked.is_empty() {
        return not_checked(reported, tables, &outside);
    }
    if let Some(report) = absent(context, clocks, reported, &looked, &outside) {
        return report;
    }
    let mut why = Text::new(
        format!(
            "The logs at hand were looked at for {} and do not show it. That is no proof: see the coverage.",
            reported.category.title().en
        ),
        format!("手元のログで{}を調べたが、見当たらない。網羅範囲に限りがあり、証明にはならない。", reported.category.title().ja),
    );
    if let Some(f) = outside.first() {
        why = Text::new(
            format!("{} Outside the reported time there is: {}.", why.en, f.title.en),
            format!("{}報告時刻以外には次の事実がある: {}。", why.ja, f.title.ja),
        );
    }
    VerdictReport::not_seen(&reported.id, why, looked.iter().map(|c| coverage_text(c, clocks)).collect())
}

fn confirms(finding: &Finding, reported: &ReportedActivity) -> bool {
    if finding.claim == Claim::GuardDuty {
        return finding.severity > Severity::Informational
            && finding.of(EntityKind::FindingType).any(|t| guardduty(reported.category).iter().any(|part| t.contains(part)));
    }
    // What is weak on its own (severity low) may be ordinary traffic; crawling and contact with the named remote are exactly what is reported.
    let weak = finding.severity <= Severity::Low && !matches!(finding.claim, Claim::OutboundHttpFanOut | Claim::OutboundToReportedRemote);
    signs(reported.category).0.contains(&finding.claim) && !weak && agrees(finding, reported)
}

/// Whether a finding of outward traffic fits the ports that the notice names (if it names any).
fn agrees(finding: &Finding, reported: &ReportedActivity) -> bool {
    let ports: Vec<String> = reported.remote.iter().filter_map(|r| r.port).map(|p| p.to_string()).collect();
    let by_port = matches!(
        finding.claim,
        Claim::OutboundFanOutScan | Claim::OutboundLoginAttempts | Claim::OutboundRareRemote | Claim::PeriodicOutbound
    );
    let remotes: Vec<&str> = reported.remote.iter().filter_map(|r| r.address.as_deref()).collect();
    let named_remote = finding.of(EntityKind::RemoteAddress).any(|a| remotes.contains(&a));
    !by_port || ports.is_empty() || named_remote || finding.of(EntityKind::Port).any(|p| ports.iter().any(|named| named == p))
}

fn overlaps(finding: &Finding, window: Option<TimeWindow>) -> bool {
    let (Some(window), Some(first)) = (window, finding.first) else { return true };
    let last = finding.last.unwrap_or(first);
    // A page that was put up earlier is still there; a standing weakness too.
    let standing = matches!(
        finding.claim,
        Claim::PhishingPageServed | Claim::ServiceOpenToWorld | Claim::SecurityGroupOpened | Claim::QuarantineAttached
    );
    TimeWindow::new(first, last).overlaps(&window) || (standing && first <= window.to)
}

/// A finding over many hosts may span days with quiet between: traffic of the same address and port must lie in the window.
fn is_busy(context: &Context<'_>, finding: &Finding, window: Option<TimeWindow>) -> bool {
    let wide = matches!(
        finding.claim,
        Claim::OutboundFanOutScan | Claim::OutboundLoginAttempts | Claim::OutboundSmtpFanOut | Claim::OutboundHttpFanOut
    );
    let Some(window) = window.filter(|_| wide) else { return true };
    let local = finding.of(EntityKind::LocalAddress).next().and_then(|a| a.parse::<std::net::IpAddr>().ok());
    let port = finding.of(EntityKind::Port).next().and_then(|p| p.parse::<u16>().ok());
    // A record is counted at the minute at which its interval of up to ten minutes began.
    let (from, to) = (window.from.as_second().div_euclid(60) - 10, window.to.as_second().div_euclid(60));
    let mut busy = false;
    context.evidence.flows(&mut |key, cell| {
        busy |= Some(key.local) == local
            && Some(key.port) == port
            && key.direction == Direction::Egress
            && !key.reply
            && (from..=to).contains(&key.minute)
            && cell.flows > 0;
    });
    busy
}

fn reaches(coverage: &Coverage, window: Option<TimeWindow>) -> bool {
    let (Some(from), Some(to)) = (coverage.from, coverage.to) else { return coverage.table == Table::InventoryInfo };
    window.is_none_or(|w| TimeWindow::new(from, to).overlaps(&w))
}

/// Proof that every address of the reported resource belonged to someone else over this activity's own window. Anything
/// of ours that was seen doing it in the window outweighs it.
fn not_ours(context: &Context<'_>, findings: &[Finding], clocks: &[Clock], reported: &ReportedActivity) -> Option<VerdictReport> {
    let window = window_of(reported)?;
    let resources = context.notice.resources.iter().filter(|r| reported.resource.as_deref().is_none_or(|id| id == r.id));
    let addresses: Vec<std::net::IpAddr> =
        resources.flat_map(|r| r.addresses.iter().chain([&r.id])).filter_map(|a| a.parse().ok()).collect();
    let seen = findings.iter().any(|f| f.claim == Claim::OutboundToReportedRemote && overlaps(f, Some(window)));
    if addresses.is_empty() || seen {
        return None;
    }
    let mut proof = Vec::new();
    for address in &addresses {
        match crate::address::holder(context, *address, window) {
            Ownership::NotYetOurs { first, rest, .. } | Ownership::NoLongerOurs { first, rest, .. } => {
                proof.extend(std::iter::once(first).chain(rest))
            }
            Ownership::Ours { .. } | Ownership::Unknown => return None,
        }
    }
    let first = proof.first()?.clone();
    let named: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let about = |f: &&Finding| {
        matches!(f.claim, Claim::AddressNotYetOurs | Claim::AddressNoLongerOurs)
            && f.of(EntityKind::LocalAddress).any(|a| named.iter().any(|n| n == a))
    };
    let known: Vec<&Finding> = findings.iter().filter(about).collect();
    let told = known.first()?;
    let why = Text::new(
        format!("{}. The reported activity therefore was another customer's.", told.title.en),
        format!("{}。したがって、報告された活動は他の利用者によるものである。", told.title.ja),
    );
    let looked = context.evidence.coverage().iter().filter(|c| c.table == Table::ApiActivity).map(|c| coverage_text(c, clocks)).collect();
    let rest = proof.into_iter().skip(1).collect();
    let mut report = VerdictReport::contradicted(&reported.id, why, looked, Disproof::NotOurs { first, rest });
    report.findings = known.iter().map(|f| f.id.clone()).collect();
    Some(report)
}

fn confirmed(context: &Context<'_>, clocks: &[Clock], reported: &ReportedActivity, inside: &[&Finding]) -> Option<VerdictReport> {
    let strongest = inside.iter().max_by_key(|f| (f.severity, f.count, std::cmp::Reverse(&f.id)))?;
    let (first, rest) = strongest.evidence.split_first()?;
    let others = inside.iter().filter(|f| f.id != strongest.id).flat_map(|f| f.evidence.iter().take(3));
    let caveat = if reported.zone_certainty == ZoneCertainty::Stated || reported.from.is_none() {
        Text::fixed("", "")
    } else {
        Text::fixed(
            " The report states no time zone, so the match in time is uncertain by hours.",
            "報告にタイムゾーンの記載がないため、時刻の一致には数時間の幅がある。",
        )
    };
    let time = strongest.first.map_or((String::new(), String::new()), |first| {
        let last = strongest.last.unwrap_or(first);
        (format!(", {} to {}", utc(first), utc(last)), format!("（{} ～ {}）", utc(first), utc(last)))
    });
    let why = Text::new(
        format!("Our own logs show it: {}{}.{}", strongest.title.en, time.0, caveat.en),
        format!("自社のログで確認できる: {}{}。{}", strongest.title.ja, time.1, caveat.ja),
    );
    let tables = signs(reported.category).1;
    let coverage = context.evidence.coverage().iter().filter(|c| tables.contains(&c.table)).take(6);
    let coverage = coverage.map(|c| coverage_text(c, clocks)).collect();
    let mut report = VerdictReport::confirmed(&reported.id, why, coverage, first.clone(), rest.iter().chain(others).cloned());
    report.findings = inside.iter().map(|f| f.id.clone()).collect();
    Some(report)
}

/// Absence as proof: one interface in evidence, gap-free over the window, the zone stated, and traffic that flow logs do contain.
fn absent(
    context: &Context<'_>,
    clocks: &[Clock],
    reported: &ReportedActivity,
    looked: &[&Coverage],
    outside: &[&Finding],
) -> Option<VerdictReport> {
    let window = window_of(reported)?;
    let visible = matches!(reported.category, Category::PortScan | Category::Intrusion | Category::Dos | Category::Crawling);
    let names_remote = reported.remote.iter().any(|r| r.address.as_deref().is_some_and(|a| a.parse::<std::net::IpAddr>().is_ok()));
    if !visible || !names_remote || !outside.is_empty() || reported.zone_certainty != ZoneCertainty::Stated {
        return None;
    }
    let flows: Vec<&&Coverage> = looked.iter().filter(|c| c.table == Table::NetworkActivity).collect();
    let resource = context.notice.resources.iter().find(|r| Some(&r.id) == reported.resource.as_ref())?;
    let interfaces = interfaces_of(context, resource);
    let of_resource: Vec<&&&Coverage> = flows.iter().filter(|c| c.scope.host.as_ref().is_some_and(|h| interfaces.contains(h))).collect();
    // Every interface of the resource must be covered; one that is not in the logs could have sent it.
    let covered = |interface: &String| of_resource.iter().any(|c| c.scope.host.as_ref() == Some(interface));
    if interfaces.is_empty() || !interfaces.iter().all(covered) || any_contact(context, reported, window) {
        return None;
    }
    let proofs: Vec<_> = of_resource.iter().filter_map(|c| c.gap_free(window, clocks)).collect();
    if proofs.len() < of_resource.len() {
        return None;
    }
    let evidence = around(context, window, &interfaces);
    let why = Text::new(
        format!(
            "The flow logs of every interface of {} are complete from {} to {} and contain no contact with the named destinations.",
            resource.id,
            utc(window.from),
            utc(window.to)
        ),
        format!(
            "{} の全インターフェースのフローログは {} から {} まで欠落がなく、記載された相手先との通信は含まれていない。",
            resource.id,
            utc(window.from),
            utc(window.to)
        ),
    );
    (!evidence.is_empty()).then_some(())?;
    let proof = Disproof::Absent { coverage: proofs.into_iter().next()?, evidence };
    Some(VerdictReport::contradicted(&reported.id, why, of_resource.iter().map(|c| coverage_text(c, clocks)).collect(), proof))
}

/// Interfaces that the inventory ties to a resource by id or address.
fn interfaces_of(context: &Context<'_>, resource: &abate_model::Resource) -> Vec<String> {
    let addresses: Vec<std::net::IpAddr> = resource.addresses.iter().filter_map(|a| a.parse().ok()).collect();
    let mut found = Vec::new();
    context.evidence.each(&abate_model::Filter::table(Table::InventoryInfo), &mut |row| {
        let abate_model::Body::Inventory(item) = &row.body else { return };
        let same = item.id == resource.id
            || item.instance_id.as_deref() == Some(&resource.id)
            || item.public_addrs.iter().any(|a| addresses.contains(a));
        if same {
            found.extend(item.interfaces.iter().map(|i| i.to_string()));
        }
    });
    found.sort();
    found.dedup();
    found
}

/// Whether any flow at all, in either direction and on any port, names a reported remote in the window.
fn any_contact(context: &Context<'_>, reported: &ReportedActivity, window: TimeWindow) -> bool {
    let remotes: std::collections::BTreeSet<std::net::IpAddr> =
        reported.remote.iter().filter_map(|r| r.address.as_deref()?.parse().ok()).collect();
    let mut contact = false;
    context.evidence.rows(&abate_model::Filter::table(Table::NetworkActivity).within(window), &mut |row| {
        if let abate_model::Body::Net(net) = &row.body {
            contact |= [net.src, net.dst, net.pkt_src, net.pkt_dst].into_iter().flatten().any(|a| remotes.contains(&a));
        }
        if contact { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    });
    contact
}

/// Rows of the resource's own interfaces that show that the source was alive in the window.
fn around(context: &Context<'_>, window: TimeWindow, interfaces: &[String]) -> Vec<abate_model::Cite> {
    let mut cites = Vec::new();
    context.evidence.rows(&abate_model::Filter::table(Table::NetworkActivity).within(window), &mut |row| {
        let own = |net: &abate_model::rows::NetworkActivity<'_>| {
            net.interface_id.as_deref().is_some_and(|i| interfaces.iter().any(|own| own == i))
        };
        if matches!(&row.body, abate_model::Body::Net(net) if own(net)) {
            cites.push(context.evidence.cite(row));
        }
        if cites.len() < 4 { std::ops::ControlFlow::Continue(()) } else { std::ops::ControlFlow::Break(()) }
    });
    cites
}

fn not_checked(reported: &ReportedActivity, tables: &[Table], outside: &[&Finding]) -> VerdictReport {
    let mut why =
        Text::fixed("No log at hand covers the reported time and would show it.", "報告時刻を含み、これを確認できるログが手元にない。");
    if let Some(f) = outside.first() {
        why = Text::new(
            format!("{} At another time there is: {}.", why.en, f.title.en),
            format!("{}別の時刻には次の事実がある: {}。", why.ja, f.title.ja),
        );
    }
    VerdictReport::not_checked(&reported.id, why, tables.iter().map(|t| missing_text(*t)).collect())
}

fn missing_text(table: Table) -> Text {
    match table {
        Table::NetworkActivity => Text::fixed("missing: VPC Flow Logs that cover the reported time", "不足: 報告時刻を含む VPC フローログ"),
        Table::ApiActivity => Text::fixed("missing: CloudTrail that covers the reported time", "不足: 報告時刻を含む CloudTrail"),
        Table::HttpActivity => Text::fixed(
            "missing: access logs of the web server that cover the reported time",
            "不足: 報告時刻を含むウェブサーバーのアクセスログ",
        ),
        Table::InventoryInfo => {
            Text::fixed("missing: describe output of instances and security groups", "不足: インスタンスとセキュリティグループの構成情報")
        }
        other => {
            let logs = other.logs();
            Text::new(format!("missing: {}", logs.en), format!("不足: {}", logs.ja))
        }
    }
}

fn coverage_text(c: &Coverage, clocks: &[Clock]) -> Text {
    let scope = [&c.scope.account, &c.scope.region, &c.scope.host].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    let span = match (c.from, c.to) {
        (Some(from), Some(to)) => format!("{} - {}", utc(from), utc(to)),
        _ => "-".to_owned(),
    };
    let (gaps_en, gaps_ja) = if c.continuous {
        (format!(", {} gaps", c.gaps.len()), format!("、欠落 {} 箇所", c.gaps.len()))
    } else {
        (String::new(), String::new())
    };
    let lost = if c.lost > 0 {
        (format!(", {} records unreadable", c.lost), format!("、読めない記録 {} 件", c.lost))
    } else {
        (String::new(), String::new())
    };
    let off = clocks.iter().find(|clock| clock.is_off() && clock.wrote(c));
    let (clock_en, clock_ja) =
        off.map_or_else(Default::default, |clock| (format!("; its clock: {}", clock.says.en), format!("。時計: {}", clock.says.ja)));
    Text::new(
        format!("{} {scope}: {span}, {} records{gaps_en}{}{clock_en}", c.table.name(), c.records, lost.0),
        format!("{} {scope}: {span}、{} 件{gaps_ja}{}{clock_ja}", c.table.name(), c.records, lost.1),
    )
}

#[cfg(test)]
mod tests {
    use abate_model::memory::Memory;
    use abate_model::rows::{InventoryInfo, InventoryKind};
    use abate_model::{AccountProfile, Body, Locator, Notice, Remote, Row, Verdict};

    use crate::testkit::{flow, notice};
    use crate::{Context, assess};

    fn judged(rows: Vec<Row<'static>>, notice: &Notice) -> Verdict {
        let (evidence, profile) = (Memory::of_rows(rows), AccountProfile::default());
        assess(&Context { notice, evidence: &evidence, profile: &profile }).verdicts[0].verdict
    }

    fn scan(from: i64) -> Vec<Row<'static>> {
        (0..60).map(|n| flow(from + n, ("10.0.0.5", 40_000 + n as u16), (&format!("198.51.100.{n}"), 22), 6, 1)).collect()
    }

    fn quiet(to: i64) -> Vec<Row<'static>> {
        let described = Row {
            at: None,
            zone: Default::default(),
            source: 0,
            locator: Locator::Record { n: 0 },
            body: Body::Inventory(Box::new(InventoryInfo {
                kind: InventoryKind::Instance,
                id: "i-0123456789abcdef0".into(),
                interfaces: vec!["eni-1".into()],
                ..InventoryInfo::default()
            })),
        };
        (-40..to / 60).map(|n| flow(n * 60, ("10.0.0.5", 50_000), ("203.0.113.200", 443), 6, 9)).chain([described]).collect()
    }

    fn naming(remote: &str) -> Notice {
        let mut notice = notice();
        notice.reported[0].remote = vec![Remote { address: Some(remote.into()), port: Some(22), protocol: None }];
        notice
    }

    #[test]
    fn what_our_logs_show_at_that_time_is_confirmed_and_at_another_it_is_not() {
        assert_eq!(judged(scan(600), &notice()), Verdict::Confirmed);
        let mut later = quiet(200_000);
        later.extend(scan(100_000));
        assert_eq!(judged(later.clone(), &notice()), Verdict::NotSeen);
        later.extend(scan(-100_000));
        assert_eq!(
            judged(later, &notice()),
            Verdict::NotSeen,
            "a scan the day before and one the day after do not confirm the time between"
        );
    }

    #[test]
    fn nothing_to_look_at_is_not_checked() {
        assert_eq!(judged(Vec::new(), &notice()), Verdict::NotChecked);
        assert_eq!(judged(scan(500_000), &notice()), Verdict::NotChecked);
    }

    #[test]
    fn absence_is_proof_only_without_gap_and_with_a_stated_zone() {
        assert_eq!(judged(quiet(4000), &naming("198.51.100.7")), Verdict::Contradicted);
        let mut gap = quiet(4000);
        gap.retain(|r| r.at.is_none_or(|at| at < crate::testkit::at(0) || at > crate::testkit::at(900)));
        assert_eq!(judged(gap, &naming("198.51.100.7")), Verdict::NotSeen);
        let mut unsure = naming("198.51.100.7");
        unsure.reported[0].zone_certainty = abate_model::ZoneCertainty::Assumed;
        assert_eq!(judged(quiet(4000), &unsure), Verdict::NotSeen);
        let undescribed: Vec<_> = quiet(4000).into_iter().filter(|r| r.at.is_some()).collect();
        assert_eq!(judged(undescribed, &naming("198.51.100.7")), Verdict::NotSeen, "whose interface it is, is not known");
        assert_eq!(judged(quiet(4000), &notice()), Verdict::NotSeen, "the notice names no remote");
    }

    #[test]
    fn any_contact_with_the_named_remote_forbids_proof_by_absence() {
        let mut rows = quiet(4000);
        rows.push(flow(620, ("10.0.0.5", 41_000), ("198.51.100.7", 4444), 6, 1));
        assert_eq!(judged(rows, &naming("198.51.100.7")), Verdict::NotSeen, "another port of the same host is contact too");
        let mut second = quiet(4000);
        for row in &mut second {
            if let Body::Inventory(item) = &mut row.body {
                item.interfaces.push("eni-2".into());
            }
        }
        assert_eq!(judged(second, &naming("198.51.100.7")), Verdict::NotSeen, "an interface without logs could have sent it");
    }

    #[test]
    fn each_activity_is_judged_by_its_own_time() {
        let mut notice = notice();
        let mut later = notice.reported[0].clone();
        later.id = "r2".into();
        (later.from, later.to) = (Some(crate::testkit::at(90_000)), Some(crate::testkit::at(90_000)));
        notice.reported.push(later);
        let allocated = r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#;
        let rows = vec![
            crate::address::tests::api(-9000, "DescribeInstances", "{}", "{}"),
            crate::address::tests::api(50_000, "AllocateAddress", "{}", allocated),
            crate::address::tests::api(95_000, "DescribeInstances", "{}", "{}"),
        ];
        let (evidence, profile) = (Memory::of_rows(rows), AccountProfile::default());
        let verdicts = assess(&Context { notice: &notice, evidence: &evidence, profile: &profile }).verdicts;
        assert_eq!(verdicts.iter().map(|v| v.verdict).collect::<Vec<_>>(), vec![Verdict::Contradicted, Verdict::NotChecked]);
    }

    #[test]
    fn contact_with_the_named_remote_confirms() {
        let mut rows = quiet(4000);
        rows.push(flow(620, ("10.0.0.5", 41_000), ("198.51.100.7", 22), 6, 1));
        assert_eq!(judged(rows, &naming("198.51.100.7")), Verdict::Confirmed);
    }
}
