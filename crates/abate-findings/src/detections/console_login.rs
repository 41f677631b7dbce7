//! Console sign-ins that may not be the user's: without MFA, from a network not seen before for that user, after failures.
//!
//! Sign-ins through a role (single sign-on) never show MFA, because the identity provider asks for it; they are not blamed
//! for that.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::rows::{AuthOutcome, Authentication};
use abate_model::time::utc;
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use jiff::Timestamp;

use super::account::{attack_tool, clip, is_office, network};
use crate::examples::{console, sign_ins};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "suspicious-console-login",
    title: Text::fixed("Suspicious console sign-in", "不審なコンソールサインイン"),
    claims: &[Claim::SuspiciousConsoleLogin],
    techniques: &["T1078.004", "T1110"],
    tactic: Tactic::InitialAccess,
    severity: Severity::High,
    needs: &[Table::Authentication],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "six failures, then a sign-in without MFA from a new place",
            "6 回失敗した後、新しい場所から MFA なしでサインインする",
            || {
                let mut signs = vec![console("18T09:00:00", "alice", "198.51.100.4")];
                for second in 0..7 {
                    let (at, mut auth) = console(&format!("20T03:00:0{second}"), "alice", "203.0.113.9");
                    auth.outcome = if second < 6 { AuthOutcome::Failure } else { AuthOutcome::Success };
                    auth.mfa = Some(false);
                    signs.push((at, auth));
                }
                sign_ins(signs)
            },
            &[Claim::SuspiciousConsoleLogin],
        ),
        Example::miss("MFA from the usual network", "いつものネットワークから MFA でサインインする", || {
            sign_ins([console("18T09:00:00", "alice", "198.51.100.4"), console("19T09:00:00", "alice", "198.51.7.4")])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if the person signed in from there, perhaps on a journey, and mistyped the password before; ask that person.",
    "本人がその場所（出張先など）からサインインし、その前にパスワードを打ち間違えただけであれば問題ありません。本人に確認してください。",
);

/// So many failures before a success are more than slips of the finger.
const MANY_FAILURES: u64 = 5;
/// So many failures without any success are worth telling.
const GUESSING: u64 = 10;

#[derive(Default)]
struct User {
    seen: BTreeSet<String>,
    good: u64,
    failures: u64,
    since_success: u64,
    bad: Vec<Bad>,
    failed: Vec<(Option<Timestamp>, abate_model::Cite, Option<IpAddr>)>,
}

/// A sign-in that is told.
struct Bad {
    at: Option<Timestamp>,
    from: Option<IpAddr>,
    no_mfa: bool,
    new_place: bool,
    failures: u64,
    tool: Option<&'static str>,
    cite: abate_model::Cite,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut users: BTreeMap<String, User> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::Authentication), &mut |row| {
        let Body::Auth(auth) = &row.body else { return };
        if auth.service == "console" {
            let name = auth.user.as_deref().unwrap_or("[name not recorded]").to_owned();
            users.entry(name).or_default().note(ctx, row.at, ctx.evidence.cite(row), auth);
        }
    });
    users.iter().filter_map(|(name, user)| user.finding(name).or_else(|| user.guessing(name))).collect()
}

impl User {
    fn note(&mut self, ctx: &Context<'_>, at: Option<Timestamp>, cite: abate_model::Cite, auth: &Authentication<'_>) {
        if auth.outcome == AuthOutcome::Failure {
            self.failures += u64::from(auth.attempts.max(1));
            self.since_success += u64::from(auth.attempts.max(1));
            if self.failed.len() < 20 {
                self.failed.push((at, cite, auth.source));
            }
            return;
        }
        let office = auth.source.is_some_and(|source| is_office(ctx, source));
        let place = auth.source.map(network);
        let new_place = !office && self.good > 0 && place.as_ref().is_some_and(|place| !self.seen.contains(place));
        let by_role = auth.user.as_deref().is_some_and(|user| user.contains(":assumed-role/"));
        let no_mfa = auth.mfa == Some(false) && !by_role && auth.outcome == AuthOutcome::Success;
        let tool = auth.user_agent.as_deref().and_then(attack_tool);
        let failures = std::mem::take(&mut self.since_success);
        if no_mfa || new_place || failures >= MANY_FAILURES || tool.is_some() {
            self.bad.push(Bad { at, from: auth.source, no_mfa, new_place, failures, tool, cite });
        }
        self.good += 1;
        self.seen.extend(place);
    }

    fn severity(&self) -> Severity {
        let of = |bad: &Bad| {
            let signs = [bad.no_mfa, bad.new_place, bad.failures >= MANY_FAILURES, bad.tool.is_some()];
            match signs.iter().filter(|sign| **sign).count() {
                0 => Severity::Low,
                1 if bad.new_place => Severity::Low,
                1 => Severity::Medium,
                _ => Severity::High,
            }
        };
        self.bad.iter().map(of).max().unwrap_or(Severity::Low)
    }

    fn finding(&self, name: &str) -> Option<Finding> {
        let first = self.bad.first()?;
        let who = clip(name);
        let any = |sign: &dyn Fn(&Bad) -> bool| self.bad.iter().any(sign);
        let (mut en, mut ja) = (Vec::new(), Vec::new());
        for (there, say_en, say_ja) in [
            (any(&|b| b.no_mfa), "without MFA", "MFA なし"),
            (any(&|b| b.new_place), "from a network not seen before for this user", "このユーザーでは初めてのネットワーク"),
            (any(&|b| b.failures >= MANY_FAILURES), "after failed attempts", "失敗の繰り返しの後"),
            (
                any(&|b| b.tool.is_some()),
                "with a tool used for attacks or security tests",
                "攻撃やセキュリティテストに使われるツールの使用",
            ),
        ] {
            if there {
                en.push(say_en);
                ja.push(say_ja);
            }
        }
        let title = Text::new(
            format!("User {who} signed in to the console {}", en.join(", ")),
            format!("ユーザー {who} がコンソールにサインインしました（{}）", ja.join("、")),
        );
        let mut finding = Finding::new(Claim::SuspiciousConsoleLogin, self.severity(), title, self.detail(first), first.cite.clone());
        finding.technique = Some("T1078.004".to_owned());
        finding.count = self.bad.len() as u64;
        finding.names(EntityKind::User, who);
        for bad in &self.bad {
            finding.seen(bad.at);
            finding.also(bad.cite.clone());
            if let Some(from) = bad.from {
                finding.names(EntityKind::RemoteAddress, from.to_string());
            }
        }
        Some(finding)
    }

    fn detail(&self, first: &Bad) -> Text {
        let from = first.from.map_or_else(|| "-".to_owned(), |a| a.to_string());
        let at = first.at.map_or_else(|| "-".to_owned(), utc);
        let failures = self.bad.iter().map(|b| b.failures).max().unwrap_or(0);
        let (base_en, base_ja) = if self.good <= self.bad.len() as u64 && self.seen.len() <= 1 {
            ("There is no earlier sign-in to compare with. ", "比較できる以前のサインインはありません。")
        } else {
            ("", "")
        };
        Text::new(
            format!(
                "{} of {} sign-ins; the first at {at} from {from}; up to {failures} failures before a success. {base_en}{}",
                self.bad.len(),
                self.good,
                INNOCENT.en
            ),
            format!(
                "サインイン {} 回のうち {} 回が該当。最初は {at}、{from} から。成功前の失敗は最大 {failures} 回。{base_ja}{}",
                self.good,
                self.bad.len(),
                INNOCENT.ja
            ),
        )
    }

    /// Many failures and nothing to blame among the successes.
    fn guessing(&self, name: &str) -> Option<Finding> {
        let (_, cite, _) = self.failed.first().filter(|_| self.failures >= GUESSING)?;
        let who = clip(name);
        let title = Text::new(
            format!("Console sign-in of {who} failed {} times", self.failures),
            format!("{who} のコンソールサインインが {} 回失敗しました", self.failures),
        );
        let detail = Text::new(
            format!("{} failures, {} successes. {}", self.failures, self.good, INNOCENT.en),
            format!("失敗 {} 回、成功 {} 回。{}", self.failures, self.good, INNOCENT.ja),
        );
        let mut finding = Finding::new(Claim::SuspiciousConsoleLogin, Severity::Low, title, detail, cite.clone());
        finding.technique = Some("T1110".to_owned());
        finding.count = self.failures;
        finding.names(EntityKind::User, who);
        for (at, cite, from) in &self.failed {
            finding.seen(*at);
            finding.also(cite.clone());
            if let Some(from) = from {
                finding.names(EntityKind::RemoteAddress, from.to_string());
            }
        }
        Some(finding)
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{notice, row, run_rows, sign_in};
    use super::*;
    use abate_model::{AccountProfile, Row};

    fn rows(signs: Vec<(Timestamp, Authentication<'static>)>) -> Vec<Row<'static>> {
        signs.into_iter().enumerate().map(|(n, (at, auth))| row(n as u64, Some(at), Body::Auth(Box::new(auth)))).collect()
    }

    #[test]
    fn a_new_place_without_mfa_after_failures_is_grave() {
        let mut signs = vec![sign_in("18T09:00:00", "alice", "198.51.100.4")];
        for second in 0..6 {
            let (at, mut auth) = sign_in(&format!("20T03:00:0{second}"), "alice", "203.0.113.9");
            auth.outcome = AuthOutcome::Failure;
            signs.push((at, auth));
        }
        let (at, mut auth) = sign_in("20T03:01:00", "alice", "203.0.113.9");
        auth.mfa = Some(false);
        signs.push((at, auth));
        let found = run_rows(&DETECTION, rows(signs), &notice(), &AccountProfile::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 1));
        assert!(found[0].title.en.contains("without MFA") && found[0].title.en.contains("not seen before"));
        assert_eq!(found[0].of(EntityKind::RemoteAddress).collect::<Vec<_>>(), vec!["203.0.113.9"]);
    }

    #[test]
    fn mfa_from_the_usual_place_and_single_sign_on_are_fine() {
        let (at, mut sso) = sign_in("20T03:01:00", "arn:aws:sts::111122223333:assumed-role/Admin/bob", "203.0.113.9");
        sso.mfa = Some(false);
        let signs = vec![sign_in("18T09:00:00", "alice", "198.51.100.4"), sign_in("19T09:00:00", "alice", "198.51.7.4"), (at, sso)];
        assert!(run_rows(&DETECTION, rows(signs), &notice(), &AccountProfile::default()).is_empty());
    }
}
