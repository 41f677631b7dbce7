//! The verdict on each reported activity.
//!
//! What must be in our own logs if the report is true is told for each category in `categories`; it is looked for at the reported time,
//! and where the report's zone may be another than it seems, at the times that it then would be (`shift`). `contradicted` needs a proof that only
//! [`abate_model::disproof`] makes. Everything else that was not seen is `not-seen` with the coverage named and with what is in the way of a
//! proof, or `not-checked` with what is missing. What a log is known to have written by a wrong clock stands beside its coverage.

mod categories;
mod contact;
mod dns;
pub(crate) mod forwarded;
mod inbound;
mod mail;
mod question;
mod shift;
#[cfg(test)]
mod tests;
pub(crate) mod web;
mod words;

use std::collections::BTreeSet;
use std::net::IpAddr;

use abate_model::disproof::{Absent, NotOurs, Told};
use abate_model::rows::Direction;
use abate_model::time::utc;
use abate_model::{
    Claim, Clock, Coverage, Disproof, Doubt, EntityKind, Finding, ReportedActivity, Severity, Table, Text, TimeWindow, VerdictReport,
    ZoneCertainty,
};

use crate::Context;
use crate::address::Standing;
use categories::{Corroboration, When};
pub(crate) use contact::went_out;
use question::{Question, Sign};

/// One verdict per reported activity, in the notice's order.
#[must_use]
pub fn verdicts(context: &Context<'_>, findings: &[Finding], clocks: &[Clock]) -> Vec<VerdictReport> {
    let standings = crate::address::standings(context);
    let none = Vec::new();
    let judge = |(n, reported): (usize, &ReportedActivity)| {
        let question = Question::new(*context, reported, findings, standings.get(n).unwrap_or(&none));
        Judge { question, clocks, asked: categories::of(reported.category) }.verdict()
    };
    context.notice.reported.iter().enumerate().map(judge).collect()
}

/// The reported time, widened by how little is known of the reporter's clock: 15 minutes when the zone is stated, 14 hours
/// (the largest offset from UTC) when it is not.
#[must_use]
pub fn window_of(reported: &ReportedActivity) -> Option<TimeWindow> {
    reported.window_with_doubt()
}

/// How the time of what was seen compares with that of the report.
enum Match {
    /// it is the reported time, in the stated or assumed zone
    Exact,
    /// it would be, in another zone: so many minutes later
    Shifted(i64),
    /// it is some time that the unstated zone allows
    Possible,
}

struct Judge<'a> {
    question: Question<'a>,
    clocks: &'a [Clock],
    asked: &'static Corroboration,
}

impl Judge<'_> {
    fn verdict(&self) -> VerdictReport {
        let ownership = match self.disowned() {
            Ok(report) => return report,
            Err(doubt) => doubt,
        };
        let reported = self.question.reported;
        let signing: Vec<&Finding> = self.question.findings.iter().filter(|f| self.confirms(f)).collect();
        let at = |window: Option<TimeWindow>| signing.iter().copied().filter(|f| self.is_within(f, window)).collect::<Vec<&Finding>>();
        let (exact, doubt) = (reported.window_as_read(), reported.window_with_doubt());
        let inside = at(exact);
        let signs = exact.map_or_else(|| self.timeless(), |window| (self.asked.look)(&self.question, window));
        let (absent, doubt_of_absence) = match self.absent(&signing) {
            Ok(proof) => (Some(proof), None),
            Err(doubt) => (None, Some(doubt)),
        };
        // A scan at that time, but surely not of what the notice names, is not what is reported.
        let elsewhere = absent.is_some() && signs.is_empty() && !inside.is_empty();
        if !elsewhere && let Some(report) = self.confirmed(&inside, &signs, &Match::Exact) {
            return report;
        }
        let shifted = if self.asked.outward && exact.is_some() { shift::find(&self.question) } else { None };
        if let Some(shifted) = shifted.as_ref().filter(|_| self.is_specific())
            && let Some(sign) = contact::sign(&shifted.contacts)
            && self.is_enough(shifted)
            && let Some(report) = self.confirmed(&[], &[sign], &Match::Shifted(shifted.minutes))
        {
            return report;
        }
        if reported.zone_certainty != ZoneCertainty::Stated && !elsewhere {
            let possible = at(doubt).into_iter().filter(|f| self.touches_named(f)).collect::<Vec<_>>();
            let signs = if self.asked.outward { Vec::new() } else { doubt.map_or_else(Vec::new, |w| (self.asked.look)(&self.question, w)) };
            if let Some(report) = self.confirmed(&possible, &signs, &Match::Possible) {
                return report;
            }
        }
        if inside.is_empty()
            && let Some(proof) = absent
        {
            return self.contradicted(proof);
        }
        self.open(&signing, if elsewhere { &inside[..] } else { &[] }, shifted.as_ref(), (doubt_of_absence, Some(ownership)))
    }

    // --- what confirms ---

    fn confirms(&self, finding: &Finding) -> bool {
        if finding.claim == Claim::GuardDuty {
            let of_kind = |t: &str| self.asked.guardduty.iter().any(|part| t.contains(part));
            return finding.severity > Severity::Informational && finding.of(EntityKind::FindingType).any(of_kind);
        }
        // What is weak on its own (severity low) may be ordinary traffic; crawling and contact with the named remote are exactly what is reported.
        let weak =
            finding.severity <= Severity::Low && !matches!(finding.claim, Claim::OutboundHttpFanOut | Claim::OutboundToReportedRemote);
        self.asked.claims.contains(&finding.claim) && !weak && !self.is_of_another(finding) && (self.asked.agrees)(finding, &self.question)
    }

    /// Whether a finding is of addresses of ours that leave under another public address than the reported one.
    fn is_of_another(&self, finding: &Finding) -> bool {
        let mut locals = finding.of(EntityKind::LocalAddress).filter_map(|a| a.parse::<IpAddr>().ok()).peekable();
        locals.peek().is_some() && locals.all(|local| self.question.is_other(local))
    }

    fn is_within(&self, finding: &Finding, window: Option<TimeWindow>) -> bool {
        let (Some(window), Some(first)) = (window, finding.first) else { return true };
        let last = finding.last.unwrap_or(first);
        // A page that was put up earlier is still there; a standing weakness too.
        let standing = matches!(
            finding.claim,
            Claim::PhishingPageServed | Claim::ServiceOpenToWorld | Claim::SecurityGroupOpened | Claim::QuarantineAttached
        ) || self.asked.when == When::Standing && finding.claim != Claim::GuardDuty;
        let named = || self.asked.when == When::AnyTime && self.is_of_named_principal(finding);
        let timely = TimeWindow::new(first, last).overlaps(&window) || (standing && first <= window.to) || named();
        timely && self.is_busy(finding, window)
    }

    /// The report shows a sample: what was done with the very key that it names is part of it, whenever it was.
    fn is_of_named_principal(&self, finding: &Finding) -> bool {
        let named = self.question.principals();
        let who = finding.of(EntityKind::AccessKey).chain(finding.of(EntityKind::Principal)).chain(finding.of(EntityKind::User));
        who.into_iter().any(|who| named.iter().any(|n| who == *n || who.ends_with(&format!("/{n}"))))
    }

    /// A finding over many hosts may span days with quiet between: traffic of the same address and port must lie in the window.
    fn is_busy(&self, finding: &Finding, window: TimeWindow) -> bool {
        let wide = matches!(
            finding.claim,
            Claim::OutboundFanOutScan | Claim::OutboundLoginAttempts | Claim::OutboundSmtpFanOut | Claim::OutboundHttpFanOut
        );
        if !wide {
            return true;
        }
        let local = finding.of(EntityKind::LocalAddress).next().and_then(|a| a.parse::<IpAddr>().ok());
        let port = finding.of(EntityKind::Port).next().and_then(|p| p.parse::<u16>().ok());
        // A record is counted at the minute at which its interval of up to ten minutes began.
        let (from, to) = (window.from.as_second().div_euclid(60) - 10, window.to.as_second().div_euclid(60));
        let mut busy = false;
        self.question.context.evidence.flows(&mut |key, cell| {
            busy |= Some(key.local) == local
                && Some(key.port) == port
                && key.direction == Direction::Egress
                && !key.reply
                && (from..=to).contains(&key.minute)
                && cell.flows > 0;
        });
        busy
    }

    /// Signs for a report without a time: only what stands for long can be looked for.
    fn timeless(&self) -> Vec<Sign> {
        let hosting = self.asked.when == When::Standing && !self.question.reported.urls.is_empty();
        if hosting { web::served(&self.question, None) } else { Vec::new() }
    }

    /// Whether destination and port are named, so that a match at another time can be told from chance.
    fn is_specific(&self) -> bool {
        self.question.remotes().iter().any(|(_, port, _)| port.is_some())
    }

    /// Whether contact that fits at a shift is what is reported: of a flood, a few packets are not.
    fn is_enough(&self, shifted: &shift::Shift) -> bool {
        if self.question.reported.category != abate_model::Category::Dos {
            return true;
        }
        let by = jiff::SignedDuration::from_mins(shifted.minutes);
        let moved = self
            .question
            .reported
            .window_as_read()
            .and_then(|w| Some(TimeWindow { from: w.from.checked_add(by).ok()?, to: w.to.checked_add(by).ok()? }));
        moved.is_some_and(|window| !(self.asked.look)(&self.question, window).is_empty())
    }

    /// Where the zone is not known, traffic to others counts only if the named destination was among them.
    fn touches_named(&self, finding: &Finding) -> bool {
        if !self.asked.outward || self.question.remotes().is_empty() || finding.claim == Claim::GuardDuty {
            return true;
        }
        matches!(finding.claim, Claim::OutboundToReportedRemote | Claim::SesAbuse | Claim::UnusualInstanceLaunch)
            || self.question.reported.window_in_any_zone().is_some_and(|w| !contact::contacts(&self.question, w).is_empty())
    }

    fn confirmed(&self, inside: &[&Finding], signs: &[Sign], how: &Match) -> Option<VerdictReport> {
        let reported = self.question.reported;
        let strongest = inside.iter().max_by_key(|f| (f.severity, f.count, std::cmp::Reverse(&f.id)));
        let (title, first, last, mut cites) = match (strongest, signs.first()) {
            (Some(f), _) => (f.title.clone(), f.first, f.last, f.evidence.clone()),
            (None, Some(sign)) => (sign.text.clone(), sign.first, sign.last, sign.cites.clone()),
            (None, None) => return None,
        };
        cites.extend(inside.iter().filter(|f| Some(&f.id) != strongest.map(|s| &s.id)).flat_map(|f| f.evidence.iter().take(3).cloned()));
        cites.extend(signs.iter().flat_map(|sign| sign.cites.iter().take(3).cloned()));
        let mut cites = cites.into_iter();
        let first_cite = cites.next()?;
        let time = first.map_or((String::new(), String::new()), |first| {
            let last = last.unwrap_or(first);
            (format!(", {} to {}", utc(first), utc(last)), format!("（{} ～ {}）", utc(first), utc(last)))
        });
        let mut why = Text::new(
            format!("Our own logs show it: {}{}.", title.en, time.0),
            format!("自社のログで確認できる: {}{}。", title.ja, time.1),
        );
        if strongest.is_some()
            && let Some(sign) = signs.first().filter(|sign| sign.text != title)
        {
            why = words::and(&why, &Text::new(format!("Also, {}.", sign.text.en), format!("また、{}。", sign.text.ja)));
        }
        let why = words::and(&words::and(&why, &self.caveat(how)), &self.story());
        let report_coverage =
            self.coverage_of(self.asked.tables, None).into_iter().take(6).map(|c| words::coverage(c, self.clocks)).collect();
        let mut report = VerdictReport::confirmed(&reported.id, why, report_coverage, first_cite, cites);
        report.findings = inside.iter().map(|f| f.id.clone()).collect();
        Some(report)
    }

    fn caveat(&self, how: &Match) -> Text {
        let reported = self.question.reported;
        match how {
            Match::Shifted(minutes) => {
                let says = shift::says(&self.question, *minutes);
                Text::new(
                    format!("At the reported time as it is written there is nothing of the kind; {}.", says.en),
                    format!("記載どおりの時刻には該当する記録がないが、{}。", says.ja),
                )
            }
            Match::Exact | Match::Possible if reported.zone_certainty != ZoneCertainty::Stated && reported.from.is_some() => Text::fixed(
                "The report states no time zone, so the match in time is uncertain by hours.",
                "報告にタイムゾーンの記載がないため、時刻の一致には数時間の幅がある。",
            ),
            Match::Exact | Match::Possible => Text::fixed("", ""),
        }
    }

    /// Whose address it was, who worked behind it, whether a request was only passed on, how far a key was used.
    fn story(&self) -> Text {
        let mut story = Text::fixed("", "");
        for standing in self.question.standings {
            if let Some(says) = standing.says() {
                story = words::and(&story, &says);
            }
        }
        if let Some(says) = forwarded::header(&self.question) {
            story = words::and(&story, &says);
        }
        let scope = self.asked.scope.and_then(|scope| scope(&self.question, self.question.reported.window()));
        scope.map_or_else(|| story.clone(), |scope| words::and(&story, &scope))
    }

    // --- what contradicts ---

    /// Proof that every address of the reported resource belonged to someone else over this activity's own window.
    fn disowned(&self) -> Result<VerdictReport, Doubt> {
        let Question { context, reported, findings, .. } = &self.question;
        let proof = NotOurs::prove(context.evidence, context.notice, reported)?;
        let says = |told: &Told| match told {
            Told::NotYet(address, at) => Text::new(
                format!("{address} became ours only at {}, after the reported time.", utc(*at)),
                format!("{address} が当方のものになったのは、報告時刻より後の {} である。", utc(*at)),
            ),
            Told::NoLonger(address, at) => Text::new(
                format!("{address} was given back at {}, before the reported time.", utc(*at)),
                format!("{address} は、報告時刻より前の {} に返却済みだった。", utc(*at)),
            ),
        };
        let told = proof.told().iter().map(says).fold(Text::fixed("", ""), |all, one| words::and(&all, &one));
        let end = Text::fixed(
            "The reported activity therefore was another customer's.",
            "したがって、報告された活動は他の利用者によるものである。",
        );
        let addresses: BTreeSet<String> =
            proof.told().iter().map(|(Told::NotYet(address, _) | Told::NoLonger(address, _))| address.to_string()).collect();
        let looked = self.coverage_of(&[Table::ApiActivity], None).into_iter().map(|c| words::coverage(c, self.clocks)).collect();
        let mut report = VerdictReport::contradicted(&reported.id, words::and(&told, &end), looked, &Disproof::NotOurs(proof));
        let about = |f: &&Finding| {
            matches!(f.claim, Claim::AddressNotYetOurs | Claim::AddressNoLongerOurs)
                && f.of(EntityKind::LocalAddress).any(|a| addresses.contains(a))
        };
        report.findings = findings.iter().filter(about).map(|f| f.id.clone()).collect();
        Ok(report)
    }

    /// Proof of absence. A finding that would confirm the report at any time that some zone makes the reported one forbids it.
    fn absent(&self, signing: &[&Finding]) -> Result<Absent, Doubt> {
        let Question { context, reported, standings, .. } = &self.question;
        let wide = reported.window_in_any_zone();
        if let Some(finding) = signing.iter().find(|f| f.claim == Claim::GuardDuty && self.is_within(f, wide)) {
            return Err(finding.evidence.first().map_or(Doubt::NoTime, |cite| Doubt::Mentioned(cite.clone())));
        }
        let interfaces: BTreeSet<String> = standings.iter().flat_map(Standing::interfaces).collect();
        Absent::prove(context.evidence, self.clocks, context.notice, reported, &interfaces)
    }

    fn contradicted(&self, proof: Absent) -> VerdictReport {
        let reported = self.question.reported;
        let window = proof.window();
        let interfaces: BTreeSet<&str> = proof.coverage().iter().filter_map(|c| c.scope().host.as_deref()).collect();
        let resource = reported.resource.as_deref().unwrap_or("-");
        let mut why = Text::new(
            format!(
                "The flow logs of every interface of {resource} are complete from {} to {} and contain no contact with the named destinations.",
                utc(window.from),
                utc(window.to)
            ),
            format!(
                "{resource} の全インターフェースのフローログは {} から {} まで欠落がなく、記載された相手先との通信は含まれていない。",
                utc(window.from),
                utc(window.to)
            ),
        );
        if !proof.returned().is_empty() {
            why = words::and(
                &why,
                &Text::fixed(
                    "Packets of a named destination came to us unasked and were refused, as answers do to packets that others send under our address.",
                    "記載された相手先から、こちらが送っていない通信への応答とみられるパケットが届き、拒否されている。第三者が当方のアドレスを詐称した場合に見られる。",
                ),
            );
        } else if matches!(reported.category, abate_model::Category::Dos | abate_model::Category::PortScan) {
            why = words::and(
                &why,
                &Text::fixed(
                    "The source of UDP packets and of single SYN packets can be forged.",
                    "UDP や SYN のみのパケットでは、送信元アドレスを詐称できる。",
                ),
            );
        }
        let why = words::and(&why, &self.story());
        let looked = self.coverage_of(&[Table::NetworkActivity], None);
        let covered = |c: &&&Coverage| c.scope.host.as_deref().is_some_and(|host| interfaces.contains(host));
        let coverage = looked.iter().filter(covered).map(|c| words::coverage(c, self.clocks)).collect();
        VerdictReport::contradicted(&reported.id, why, coverage, &Disproof::Absent(proof))
    }

    // --- what stays open ---

    fn open(
        &self,
        signing: &[&Finding],
        elsewhere: &[&Finding],
        shifted: Option<&shift::Shift>,
        (absence, ownership): (Option<Doubt>, Option<Doubt>),
    ) -> VerdictReport {
        let reported = self.question.reported;
        let window = reported.window_with_doubt();
        let looked = self.coverage_of(self.asked.tables, window);
        let hint = self.hint(signing, elsewhere, shifted);
        let expects = &self.asked.expects;
        if looked.is_empty() {
            let why = Text::new(
                format!("No log at hand covers the reported time and would show it. If it is true, our logs must contain {}.", expects.en),
                format!("報告時刻を含み、これを確認できるログが手元にない。報告が事実なら、次の記録があるはずである: {}。", expects.ja),
            );
            let missing = self.asked.tables.iter().map(|t| words::missing(*t)).collect();
            return VerdictReport::not_checked(&reported.id, words::and(&words::and(&why, &hint), &self.story()), missing);
        }
        let title = reported.category.title();
        let mut why = Text::new(
            format!("The logs at hand were looked at for {} and do not show it: there is no record of {}.", title.en, expects.en),
            format!("手元のログで{}を調べたが、見当たらない（{}はない）。", title.ja, expects.ja),
        );
        why = words::and(&why, &no_proof(absence, ownership));
        let lacking: Vec<Table> = self.asked.tables.iter().copied().filter(|t| !looked.iter().any(|c| c.table == *t)).collect();
        if !lacking.is_empty() {
            let list = |pick: fn(&Text) -> String, with: &str| lacking.iter().map(|t| pick(&t.logs())).collect::<Vec<_>>().join(with);
            why = words::and(
                &why,
                &Text::new(
                    format!("Not at hand for that time: {}.", list(|t| t.en.to_string(), ", ")),
                    format!("その時刻について手元にないもの: {}。", list(|t| t.ja.to_string(), "、")),
                ),
            );
        }
        let why = words::and(&words::and(&why, &hint), &self.story());
        VerdictReport::not_seen(&reported.id, why, looked.into_iter().map(|c| words::coverage(c, self.clocks)).collect())
    }

    /// What else there is that may be meant.
    fn hint(&self, signing: &[&Finding], elsewhere: &[&Finding], shifted: Option<&shift::Shift>) -> Text {
        if let Some(f) = elsewhere.first() {
            return Text::new(
                format!("At that time there is: {}. But none of the named destinations is among them.", f.title.en),
                format!("その時刻には次の事実がある: {}。ただし、記載された相手先は含まれていない。", f.title.ja),
            );
        }
        if let Some((shifted, sign)) = shifted.and_then(|s| Some((s, contact::sign(&s.contacts)?))) {
            let says = shift::says(&self.question, shifted.minutes);
            return Text::new(
                format!("At another time, {}; {}. The report is too vague to tell this from chance.", sign.text.en, says.en),
                format!("別の時刻に、{}。{}。ただし、報告の内容が大まかで、偶然の一致と区別できない。", sign.text.ja, says.ja),
            );
        }
        let wide = self.question.reported.window_in_any_zone();
        let near = signing.iter().filter(|f| f.first.is_some()).find_map(|f| {
            let first = f.first?;
            let span = TimeWindow::new(first, f.last.unwrap_or(first));
            let minutes = wide.filter(|w| w.overlaps(&span)).and_then(|_| shift::fits(&self.question, span));
            minutes.filter(|_| self.asked.outward).map(|m| (f, m))
        });
        if let Some((f, minutes)) = near {
            let says = shift::says(&self.question, minutes);
            return Text::new(
                format!("Outside the reported time there is: {}; {}.", f.title.en, says.en),
                format!("報告時刻以外には次の事実がある: {}。{}。", f.title.ja, says.ja),
            );
        }
        signing.first().map_or(Text::fixed("", ""), |f| {
            Text::new(
                format!("Outside the reported time there is: {}.", f.title.en),
                format!("報告時刻以外には次の事実がある: {}。", f.title.ja),
            )
        })
    }

    /// Coverage of some tables that reaches into a window.
    fn coverage_of(&self, tables: &[Table], window: Option<TimeWindow>) -> Vec<&Coverage> {
        let reaches = |c: &Coverage| {
            let (Some(from), Some(to)) = (c.from, c.to) else { return c.table == Table::InventoryInfo };
            window.is_none_or(|w| TimeWindow::new(from, to).overlaps(&w))
        };
        self.question.context.evidence.coverage().iter().filter(|c| tables.contains(&c.table) && reaches(c)).collect()
    }
}

/// What is in the way of a proof to the contrary.
fn no_proof(absence: Option<Doubt>, ownership: Option<Doubt>) -> Text {
    // That no record shows how an address came to us is the ordinary case and tells nobody anything.
    let telling = |doubt: &Doubt| {
        !matches!(doubt, Doubt::NotInFlows | Doubt::NoTurn(_) | Doubt::NoAddress | Doubt::ByResource | Doubt::Held(..) | Doubt::Contact(_))
    };
    match absence.filter(telling).or(ownership.filter(telling)) {
        Some(doubt) => {
            let says = doubt.says();
            Text::new(format!("That is no proof: {}.", says.en), format!("証明にはならない: {}。", says.ja))
        }
        None => Text::fixed("That is no proof: see the coverage.", "網羅範囲に限りがあり、証明にはならない。"),
    }
}
