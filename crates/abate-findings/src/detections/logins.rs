//! What guessing of passwords looks like, whatever is signed in to: failures by the dozen, a success after them, a success from a new place.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::flows::is_private;
use abate_model::rows::{AuthOutcome, Authentication};
use abate_model::text::count;
use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use jiff::{SignedDuration, Timestamp};

use super::known::is_staff;
use crate::Context;

/// Failures from one source that are no slip of the fingers.
const GUESSES: u64 = 10;
/// Failures from one source at several names, before a success, that make the success suspicious.
const BEFORE: u64 = 5;
/// Guesses at one account, from several sources, that make a first success from elsewhere suspicious; and failures of one name from a known
/// source that are more than a wrong password in somebody's hands.
const SPRAYED: u64 = 20;
/// How long before a success failures still belong to it.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// How a success that follows failures can be innocent.
pub(super) const INNOCENT: Text = Text::fixed(
    "A person who mistyped a password several times before succeeding looks the same.",
    "何度か打ち間違えてから成功した利用者でも同じ記録になる。",
);

/// Something that is signed in to from afar.
pub(super) struct Service {
    /// names that readers give it in `Authentication::service`
    pub services: &'static [&'static str],
    /// the kind of sign-in, as in "failed … sign-ins"
    pub kind: Text,
    /// what is signed in to on a host; empty where it is the host itself
    pub target: Text,
    /// many failures from one source
    pub guessing: Claim,
    /// a success after that
    pub after: Claim,
    /// a success from an address not seen before, where that is worth a look
    pub new_place: Option<Claim>,
    /// whether a sign-in is one that guessing could bring about
    pub guessable: fn(&Authentication<'_>) -> bool,
}

#[derive(Default)]
struct Tally {
    failures: u64,
    times: Vec<(Timestamp, u64)>,
    users: BTreeSet<String>,
    sources: BTreeSet<IpAddr>,
    cites: Vec<Cite>,
    last_cites: Vec<Cite>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Tally {
    fn fail(&mut self, at: Option<Timestamp>, auth: &Authentication<'_>, cite: &Cite) {
        self.failures += u64::from(auth.attempts.max(1));
        if let Some(at) = at {
            self.first = Some(self.first.map_or(at, |f| f.min(at)));
            self.last = Some(self.last.map_or(at, |l| l.max(at)));
            if self.times.len() < 100_000 {
                self.times.push((at, u64::from(auth.attempts.max(1))));
            }
        }
        if let Some(user) = auth.user.as_deref().filter(|_| self.users.len() < 1000) {
            self.users.insert(user.to_owned());
        }
        self.sources.extend(auth.source.filter(|_| self.sources.len() < 1000));
        if self.cites.len() < 5 {
            self.cites.push(cite.clone());
        }
        self.last_cites.push(cite.clone());
        if self.last_cites.len() > 5 {
            self.last_cites.remove(0);
        }
    }

    fn recent(&self, at: Option<Timestamp>) -> u64 {
        let Some(at) = at else { return self.failures };
        let from = at.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
        self.times.iter().filter(|(t, _)| *t >= from && *t <= at).map(|(_, n)| n).sum()
    }
}

#[derive(Default)]
struct Scan {
    by_source: BTreeMap<IpAddr, Tally>,
    by_user: BTreeMap<String, Tally>,
    known: BTreeSet<IpAddr>,
    after: BTreeMap<IpAddr, Finding>,
    new: BTreeMap<IpAddr, Finding>,
}

/// Looks for it.
pub(super) fn run(context: &Context<'_>, service: &Service) -> Vec<Finding> {
    let mut scan = Scan::default();
    context.evidence.each(&Filter::table(Table::Authentication), &mut |row| {
        let Body::Auth(auth) = &row.body else { return };
        let Some(source) = auth.source.filter(|_| service.services.contains(&&*auth.service)) else { return };
        let cite = context.evidence.cite(row);
        match auth.outcome {
            AuthOutcome::Failure => {
                scan.by_source.entry(source).or_default().fail(row.at, auth, &cite);
                if let Some(user) = &auth.user {
                    scan.by_user.entry(user.to_string()).or_default().fail(row.at, auth, &cite);
                }
            }
            AuthOutcome::Success => scan.success(service, is_staff(context, source), source, row.at, auth, &cite),
            AuthOutcome::Other => {}
        }
    });
    let mut findings: Vec<Finding> = scan.after.into_values().collect();
    findings.extend(scan.new.into_values());
    findings.sort_by_key(|f| (f.first, f.title.en.clone()));
    findings.truncate(40);
    findings.extend(brute_force(service, &scan.by_source));
    findings
}

impl Scan {
    fn success(&mut self, service: &Service, office: bool, source: IpAddr, at: Option<Timestamp>, auth: &Authentication<'_>, cite: &Cite) {
        if office || !(service.guessable)(auth) {
            self.known.insert(source);
            return;
        }
        let user = auth.user.as_deref().unwrap_or("?").to_owned();
        let from_source = self.by_source.get(&source).map_or(0, |t| t.recent(at));
        let at_user = self.by_user.get(&user).filter(|t| t.sources.len() >= 3).map_or(0, |t| t.recent(at));
        let strange = !self.known.contains(&source) && !is_private(source);
        // Whoever tries one name, and then gets in by it, has mostly mistyped; whoever guesses tries several names, or very often.
        let one_name = self.by_source.get(&source).is_some_and(|t| t.users.len() == 1 && t.users.contains(&user));
        let many = match (one_name, strange) {
            (false, _) => BEFORE,
            (true, true) => GUESSES,
            (true, false) => SPRAYED,
        };
        let guessed = from_source >= many || (at_user >= SPRAYED && strange);
        let (map, claim) = match service.new_place {
            _ if guessed => (&mut self.after, service.after),
            Some(claim) if strange => (&mut self.new, claim),
            _ => return,
        };
        let finding = map.entry(source).or_insert_with(|| begin(service, claim, source, auth, (from_source, at_user), cite));
        if guessed {
            let tally = self.by_source.get(&source).filter(|_| from_source >= many).or_else(|| self.by_user.get(&user));
            tally.into_iter().flat_map(|t| &t.last_cites).for_each(|c| finding.also(c.clone()));
        }
        finding.count += 1;
        finding.seen(at);
        finding.also(cite.clone());
        finding.names(EntityKind::User, user);
    }
}

fn begin(
    service: &Service,
    claim: Claim,
    source: IpAddr,
    auth: &Authentication<'_>,
    (from_source, at_user): (u64, u64),
    cite: &Cite,
) -> Finding {
    let (user, host) = (auth.user.as_deref().unwrap_or("?"), auth.host.as_deref().unwrap_or("?"));
    let target = match (&*service.target.en, &*service.target.ja) {
        ("", _) => Text::new(host, host),
        (en, ja) => Text::new(format!("{en} on {host}"), format!("{host} の{ja}")),
    };
    let (severity, title, detail) = if claim == service.after {
        let guesses = from_source.max(at_user);
        (
            Severity::Critical,
            Text::new(
                format!("{source} signed in to {} as '{user}' by password after {guesses} failed guesses", target.en),
                format!("{source} が {guesses} 回の失敗の後、パスワードで {} に「{user}」としてサインインした", target.ja),
            ),
            Text::new(
                format!("{from_source} failures from that address and {at_user} at that account in the 24 hours before. {}", INNOCENT.en),
                format!(
                    "直前 24 時間に、同じアドレスから {from_source} 回、同じアカウントに対して {at_user} 回の失敗がある。{}",
                    INNOCENT.ja
                ),
            ),
        )
    } else {
        (
            Severity::Medium,
            Text::new(
                format!("{source} signed in to {} as '{user}' by password, from an address not seen before", target.en),
                format!("見たことのないアドレス {source} から、パスワードで {} に「{user}」としてサインインがあった", target.ja),
            ),
            Text::fixed(
                "No guessing stands in the log before it. Ask the account's owner.",
                "事前の推測の記録はない。アカウントの利用者に確認する。",
            ),
        )
    };
    let mut finding = Finding::new(claim, severity, title, detail, cite.clone());
    finding.count = 0;
    finding.technique = Some(if claim == service.after { "T1110.001" } else { "T1078" }.to_owned());
    finding.names(EntityKind::RemoteAddress, source.to_string());
    finding.names(EntityKind::Host, host);
    finding
}

/// One finding for all guessing: it reaches every host on the Internet, and only its success matters.
fn brute_force(service: &Service, by_source: &BTreeMap<IpAddr, Tally>) -> Option<Finding> {
    let mut guessing: Vec<(&IpAddr, &Tally)> = by_source.iter().filter(|(_, t)| t.failures >= GUESSES).collect();
    guessing.sort_by_key(|(source, t)| (std::cmp::Reverse(t.failures), **source));
    let (worst, tally) = guessing.first()?;
    let total: u64 = guessing.iter().map(|(_, t)| t.failures).sum();
    let Text { en: kind, ja: kind_ja } = &service.kind;
    let title = match guessing.len() {
        1 => Text::new(
            format!("{total} failed {kind} sign-ins from {worst}"),
            format!("{worst} から {kind_ja} のサインイン失敗が {total} 回"),
        ),
        n => Text::new(
            format!("{total} failed {kind} sign-ins from {}, most from {worst}", count(n, "source")),
            format!("{n} 個の発信元から {kind_ja} のサインイン失敗が {total} 回（最多は {worst}）"),
        ),
    };
    let detail = Text::new(
        format!("{} failures from {worst} for {} user names. Guessing alone is background noise.", tally.failures, tally.users.len()),
        format!("{worst} から {} 回、ユーザー名 {} 種類。推測だけなら背景ノイズである。", tally.failures, tally.users.len()),
    );
    let mut finding = Finding::new(service.guessing, Severity::Low, title, detail, tally.cites.first()?.clone());
    finding.technique = Some("T1110.001".to_owned());
    finding.count = total;
    for (source, tally) in guessing.iter().take(20) {
        finding.names(EntityKind::RemoteAddress, source.to_string());
        tally.cites.iter().chain(&tally.last_cites).take(2).for_each(|c| finding.also(c.clone()));
    }
    for (_, tally) in &guessing {
        finding.seen(tally.first);
        finding.seen(tally.last);
    }
    Some(finding)
}
