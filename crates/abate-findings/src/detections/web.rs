//! Web servers: probes, exploits that worked, scripts in upload folders, pages that are not ours, forms driven by bots.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::rows::HttpActivity;
use abate_model::text::count;
use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};
use jiff::Timestamp;

use super::web_patterns::{Probe, decode, has_upload_dir, is_scanner, is_script, probe_of, runs_commands};
use crate::examples::http;
use crate::{Context, Detection, Example, Tactic};

/// Requests from one client for different things, mostly missing, that make a scan.
const SCAN: usize = 40;
/// Posts to one path that no person makes.
const POSTS: u64 = 60;

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "web",
    title: Text::fixed("Attacks on a web server, and what came of them", "ウェブサーバーへの攻撃とその結果"),
    claims: &[
        Claim::WebExploitAttempt,
        Claim::WebExploitSuccess,
        Claim::WebshellAccess,
        Claim::PhishingPageServed,
        Claim::WebScan,
        Claim::SsrfToMetadata,
        Claim::FormAbuse,
        Claim::ProxyForwarding,
    ],
    techniques: &["T1190", "T1090", "T1505.003", "T1552.005", "T1583.006", "T1595.002"],
    tactic: Tactic::InitialAccess,
    severity: Severity::Medium,
    needs: &[Table::HttpActivity],
    innocent: Text::fixed(
        "Probes reach every web server; only an answer that a failure would not give matters.",
        "探索はどのウェブサーバーにも届く。失敗ではあり得ない応答だけが問題になる。",
    ),
    examples: &[
        Example::hit(
            "a script is uploaded and given commands",
            "スクリプトがアップロードされ、コマンドが渡される",
            || {
                visited([
                    http(40, "198.51.100.7", "POST", "/contact/upload.php", 200),
                    http(50, "198.51.100.7", "GET", "/uploads/a.php?cmd=id", 200),
                ])
            },
            &[Claim::WebshellAccess],
        ),
        Example::hit(
            "a site that refuses what is missing serves /.env",
            "存在しないものを拒むサイトが /.env を返す",
            || visited([http(50, "198.51.100.7", "GET", "/.env", 200)]),
            &[Claim::WebExploitSuccess],
        ),
        Example::hit(
            "the server fetches from instance metadata for a stranger",
            "サーバーが第三者のためにインスタンスメタデータを取得する",
            || vec![http(50, "198.51.100.7", "GET", "/fetch?url=http%3A%2F%2F169.254.169.254%2Flatest%2F", 200)],
            &[Claim::SsrfToMetadata],
        ),
        Example::miss("visitors, and a photo in the upload folder", "通常の閲覧と、アップロード先の写真", || {
            visited([http(50, "198.51.100.7", "GET", "/uploads/photo.jpg", 200)])
        }),
    ],
    run,
};

/// An ordinary site's visitors, and what else came.
fn visited<const N: usize>(others: [Row<'static>; N]) -> Vec<Row<'static>> {
    let visits = (0..20).map(|n| http(n, "203.0.113.9", "GET", "/index.html", 200));
    visits.chain([http(30, "203.0.113.9", "GET", "/favicon.ico", 404)]).chain(others).collect()
}

/// What one client did.
#[derive(Default)]
struct Client {
    missing: u64,
    paths: BTreeSet<String>,
    scanner: bool,
    cites: Vec<Cite>,
}

/// Records of one kind, gathered.
#[derive(Default)]
struct Heap {
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    cites: Vec<Cite>,
    clients: BTreeSet<String>,
    targets: BTreeSet<String>,
}

impl Heap {
    fn add(&mut self, at: Option<Timestamp>, cite: Cite, http: &HttpActivity<'_>) {
        self.count += 1;
        if let Some(at) = at {
            self.first = Some(self.first.map_or(at, |f| f.min(at)));
            self.last = Some(self.last.map_or(at, |l| l.max(at)));
        }
        if self.cites.len() < Finding::MAX_EVIDENCE {
            self.cites.push(cite);
        }
        if self.clients.len() < 5000 {
            self.clients.insert(http.client.chars().take(60).collect());
        }
        if self.targets.len() < 2000 {
            self.targets.insert(http.target.chars().take(200).collect());
        }
    }

    fn finding(&self, claim: Claim, technique: &str, severity: Severity, title: Text, detail: Text) -> Option<Finding> {
        let mut finding = Finding::new(claim, severity, title, detail, self.cites.first()?.clone());
        finding.technique = Some(technique.to_owned());
        finding.count = self.count;
        finding.seen(self.first);
        finding.seen(self.last);
        self.cites.iter().for_each(|c| finding.also(c.clone()));
        self.clients.iter().take(20).for_each(|c| finding.names(EntityKind::RemoteAddress, c.as_str()));
        self.targets.iter().take(10).for_each(|t| finding.names(EntityKind::Url, t.as_str()));
        Some(finding)
    }
}

#[derive(Default)]
struct Site {
    attempts: Heap,
    exposed: BTreeMap<&'static str, Heap>,
    shells: BTreeMap<String, Heap>,
    uploads: BTreeMap<String, Vec<(Option<Timestamp>, Cite)>>,
    metadata: Heap,
    metadata_answered: bool,
    proxied: Heap,
    proxied_sizes: BTreeSet<u64>,
    /// successful CONNECT requests
    tunnels: u64,
    posts: BTreeMap<String, Heap>,
    reported: BTreeMap<String, Heap>,
    clients: BTreeMap<String, Client>,
    /// whether the site tells what is missing (a site that answers 200 to everything proves nothing by a 200)
    refuses: bool,
    /// size of the most frequent 200 answers to probes that could not have succeeded
    catch_all: BTreeMap<u64, u64>,
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    let reported = reported_paths(context);
    let mut site = Site::default();
    context.evidence.each(&Filter::table(Table::HttpActivity), &mut |row| {
        if let Body::Http(http) = &row.body {
            look(&mut site, row.at, context.evidence.cite(row), http, &reported);
        }
    });
    conclude(&site)
}

/// Paths of reported URLs, without host and query.
fn reported_paths(context: &Context<'_>) -> Vec<String> {
    let urls = context.notice.reported.iter().flat_map(|r| &r.urls);
    let path = |url: &String| {
        url.split_once("://")
            .and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)))
            .map(|p| p.split(['?', '#']).next().unwrap_or(p).to_owned())
    };
    urls.filter_map(path).filter(|p| p.len() > 1).collect()
}

fn look(site: &mut Site, at: Option<Timestamp>, cite: Cite, http: &HttpActivity<'_>, reported: &[String]) {
    let target = decode(&http.target);
    let ok = http.status.is_some_and(|s| (200..300).contains(&s));
    let size = http.bytes.unwrap_or(0);
    site.refuses |= http.status == Some(404) || http.status == Some(403);
    let path = http.path().to_owned();
    if let Some(page) = reported.iter().find(|p| **p == path || path.strip_suffix('/') == Some(p.trim_end_matches('/'))).filter(|_| ok) {
        site.reported.entry(page.clone()).or_default().add(at, cite.clone(), http);
    }
    if target.contains("169.254.169.254")
        || target.contains("fd00:ec2::254")
        || target.contains("2852039166")
        || target.contains("0xa9fea9fe")
    {
        site.metadata.add(at, cite.clone(), http);
        site.metadata_answered |= ok && size > 0;
    } else if http.method == "CONNECT" || http.target.starts_with("http://") {
        if ok {
            site.tunnels += u64::from(http.method == "CONNECT" && size > 0);
            if site.proxied_sizes.len() < 1000 {
                site.proxied_sizes.insert(size);
            }
            site.proxied.add(at, cite.clone(), http);
        }
    } else if is_script(&path) && has_upload_dir(&path) && ok {
        site.shells.entry(path.clone()).or_default().add(at, cite.clone(), http);
    } else if let Some(probe) = probe_of(&target, http.user_agent.as_deref().unwrap_or_default()) {
        match probe {
            Probe::Telling(what) if ok && size > 0 => site.exposed.entry(what).or_default().add(at, cite.clone(), http),
            Probe::Telling(_) | Probe::Guess => site.attempts.add(at, cite.clone(), http),
        }
        if ok {
            *site.catch_all.entry(size).or_default() += 1;
        }
    }
    if http.method == "POST" {
        if ok && (path.to_ascii_lowercase().contains("upload") || path.to_ascii_lowercase().contains("import")) {
            site.uploads.entry(http.client.to_string()).or_default().push((at, cite.clone()));
        }
        if site.posts.len() < 5000 || site.posts.contains_key(&path) {
            site.posts.entry(path.clone()).or_default().add(at, cite.clone(), http);
        }
    }
    if site.clients.len() < 20_000 || site.clients.contains_key(&*http.client) {
        let client = site.clients.entry(http.client.to_string()).or_default();
        client.missing += u64::from(http.status == Some(404));
        client.scanner |= is_scanner(http.user_agent.as_deref().unwrap_or_default());
        if client.paths.len() < 500 {
            client.paths.insert(path);
        }
        if client.cites.len() < 3 {
            client.cites.push(cite);
        }
    }
}

fn conclude(site: &Site) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(shells(site));
    findings.extend(exposed(site));
    findings.extend(pages(site));
    if site.attempts.count > 0 {
        let title = Text::new(
            format!(
                "{} probed for known holes, from {}",
                count(site.attempts.count, "request"),
                count(site.attempts.clients.len(), "client")
            ),
            format!("既知の脆弱性を探るリクエストが {} 件（{} クライアント）", site.attempts.count, site.attempts.clients.len()),
        );
        findings.extend(site.attempts.finding(Claim::WebExploitAttempt, "T1190", Severity::Low, title, DETECTION.innocent.clone()));
    }
    if site.metadata.count > 0 {
        let severity = if site.metadata_answered { Severity::Critical } else { Severity::Medium };
        let title = Text::new(
            format!("{} web requests asked for the instance metadata service", site.metadata.count),
            format!("インスタンスメタデータを取得させようとするリクエストが {} 件", site.metadata.count),
        );
        let detail = if site.metadata_answered {
            Text::fixed("At least one was answered with content.", "少なくとも 1 件に内容を伴う応答がある。")
        } else {
            Text::fixed("None was answered with content.", "内容を伴う応答はない。")
        };
        // Only an answer shows that the server really fetched it; the rest are probes.
        let claim = if site.metadata_answered { Claim::SsrfToMetadata } else { Claim::WebExploitAttempt };
        findings.extend(site.metadata.finding(claim, "T1552.005", severity, title, detail));
    }
    findings.extend(proxied(site));
    findings.extend(scans(site));
    findings.extend(forms(site));
    findings
}

/// A script in an upload folder that answers: surely a shell when it takes commands or came by an upload, else doubtful.
fn shells(site: &Site) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, heap) in &site.shells {
        let commands = heap.targets.iter().any(|t| runs_commands(&decode(t)));
        let upload = heap
            .clients
            .iter()
            .filter_map(|c| site.uploads.get(c))
            .flatten()
            .find(|(at, _)| at.zip(heap.first).is_none_or(|(at, first)| at <= first));
        if !commands && (upload.is_none() || heap.clients.len() > 5) {
            continue;
        }
        let title = Text::new(
            format!(
                "the script {path} in an upload folder was called {} by {}",
                count(heap.count, "time"),
                count(heap.clients.len(), "client")
            ),
            format!("アップロード先のスクリプト {path} が {} クライアントから {} 回呼び出された", heap.clients.len(), heap.count),
        );
        let detail = match (commands, upload.is_some()) {
            (true, true) => Text::fixed(
                "It was given commands, and the same client had posted to an upload function before.",
                "コマンドが渡されており、同じクライアントが直前にアップロード機能へ POST している。",
            ),
            (true, false) => Text::fixed("It was given commands.", "コマンドが渡されている。"),
            (false, _) => Text::fixed(
                "The same client had posted to an upload function before.",
                "同じクライアントが直前にアップロード機能へ POST している。",
            ),
        };
        let Some(mut finding) = heap.finding(Claim::WebshellAccess, "T1505.003", Severity::Critical, title, detail) else { continue };
        if let Some((at, cite)) = upload {
            finding.seen(*at);
            if finding.evidence.len() >= Finding::MAX_EVIDENCE {
                finding.evidence.pop();
            }
            finding.also(cite.clone());
        }
        findings.push(finding);
    }
    findings
}

/// Answers of success to requests that cannot succeed on a sound site. A site that says 200 to everything, or the same
/// page each time, proves nothing.
fn exposed(site: &Site) -> Vec<Finding> {
    let usual = site.catch_all.values().max().copied().unwrap_or(0);
    let catch_all = !site.refuses || (usual >= 3 && usual * 2 > site.catch_all.values().sum::<u64>());
    let mut findings = Vec::new();
    for (what, heap) in &site.exposed {
        let (claim, severity) =
            if catch_all { (Claim::WebExploitAttempt, Severity::Low) } else { (Claim::WebExploitSuccess, Severity::High) };
        let title = Text::new(
            format!("{} requests for {what} were answered with success", heap.count),
            format!("{what} へのリクエスト {} 件に成功の応答があった", heap.count),
        );
        let detail = if catch_all {
            Text::fixed(
                "The site answers success to anything, so this proves nothing.",
                "このサイトはどのリクエストにも成功を返すため、証明にはならない。",
            )
        } else {
            Text::fixed(
                "Look at what was answered: the size is in the log, the content is not.",
                "応答の内容を確認する。ログには大きさだけが残る。",
            )
        };
        findings.extend(heap.finding(claim, "T1190", severity, title, detail));
    }
    findings
}

fn pages(site: &Site) -> Vec<Finding> {
    let page = |(path, heap): (&String, &Heap)| {
        let title = Text::new(
            format!("the reported page {path} was served {} to {}", count(heap.count, "time"), count(heap.clients.len(), "client")),
            format!("報告されたページ {path} が {} クライアントに {} 回配信された", heap.clients.len(), heap.count),
        );
        let detail = Text::fixed("The path is the one that the notice names.", "通知に記載された URL のパスと一致する。");
        heap.finding(Claim::PhishingPageServed, "T1583.006", Severity::High, title, detail)
    };
    site.reported.iter().filter_map(page).collect()
}

/// Requests for other sites that were answered with success. A server that gives its own front page for any such request
/// answers with the same size each time; a proxy does not.
fn proxied(site: &Site) -> Option<Finding> {
    if site.proxied.count < 3 {
        return None;
    }
    let real = site.tunnels > 0
        || (site.proxied.count >= 10 && site.proxied_sizes.len() * 2 > usize::try_from(site.proxied.count).unwrap_or(usize::MAX).min(100));
    let title = Text::new(
        format!("{} for other sites answered with success", count(site.proxied.count, "request")),
        format!("他サイト宛てのリクエスト {} 件に成功の応答があった", site.proxied.count),
    );
    if real {
        let detail = Text::fixed(
            "The answers differ in size: strangers use this server as a proxy.",
            "応答の大きさがそれぞれ異なり、第三者にプロキシとして使われている。",
        );
        site.proxied.finding(Claim::ProxyForwarding, "T1090", Severity::High, title, detail)
    } else {
        let detail = Text::fixed(
            "Probably the server's own front page: an attempt to use it as a proxy.",
            "自サイトのトップページが返された可能性が高く、プロキシとしての利用の試みと見られる。",
        );
        site.proxied.finding(Claim::WebExploitAttempt, "T1090", Severity::Low, title, detail)
    }
}

fn scans(site: &Site) -> Option<Finding> {
    let scans = |c: &Client| (c.missing >= SCAN as u64 && c.paths.len() >= SCAN) || (c.scanner && c.paths.len() >= 5);
    let scanning: Vec<(&String, &Client)> = site.clients.iter().filter(|(_, c)| scans(c)).collect();
    let (worst, client) = scanning.iter().max_by_key(|(name, c)| (c.missing, c.paths.len(), std::cmp::Reverse(*name)))?;
    let title = Text::new(
        format!("{} scanned the site, most of all {worst}", count(scanning.len(), "client")),
        format!("{} クライアントがサイトをスキャンした（最多は {worst}）", scanning.len()),
    );
    let (paths, missing) = (client.paths.len(), client.missing);
    let detail = Text::new(
        format!("{worst}: {paths} different paths, {missing} not found. Scanning reaches every site."),
        format!("{worst}: 異なるパス {paths} 個、見つからない応答 {missing} 件。スキャンはどのサイトにも届く。"),
    );
    let mut finding = Finding::new(Claim::WebScan, Severity::Low, title, detail, client.cites.first()?.clone());
    finding.technique = Some("T1595.002".to_owned());
    finding.count = scanning.iter().map(|(_, c)| c.paths.len() as u64).sum();
    for (name, client) in scanning.iter().take(20) {
        finding.names(EntityKind::RemoteAddress, name.as_str());
        client.cites.iter().for_each(|c| finding.also(c.clone()));
    }
    Some(finding)
}

fn forms(site: &Site) -> Vec<Finding> {
    let form = |(path, heap): (&String, &Heap)| {
        let per_client = heap.count / (heap.clients.len() as u64).max(1);
        if heap.count < POSTS || (heap.clients.len() < 20 && per_client < 30) {
            return None;
        }
        let title = Text::new(
            format!("{} to {path} from {}", count(heap.count, "post"), count(heap.clients.len(), "client")),
            format!("{path} への POST が {} クライアントから {} 件", heap.clients.len(), heap.count),
        );
        heap.finding(
            Claim::FormAbuse,
            "T1190",
            Severity::Low,
            title,
            Text::fixed(
                "A popular form looks the same; compare with what it usually gets.",
                "利用の多いフォームでも同様になる。通常の件数と比べる。",
            ),
        )
    };
    let mut forms: Vec<Finding> = site.posts.iter().filter_map(form).collect();
    forms.sort_by_key(|f| (std::cmp::Reverse(f.count), f.title.en.clone()));
    forms.truncate(5);
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{claims, http, notice, run_with};

    fn normal() -> Vec<abate_model::Row<'static>> {
        (0..20)
            .map(|n| http(n, "203.0.113.9", "GET", "/index.html", 200))
            .chain([http(30, "203.0.113.9", "GET", "/favicon.ico", 404)])
            .collect()
    }

    #[test]
    fn a_shell_that_was_uploaded_is_found() {
        let mut rows = normal();
        rows.push(http(40, "198.51.100.7", "POST", "/contact/upload.php", 200));
        rows.push(http(50, "198.51.100.7", "GET", "/uploads/a.php?cmd=id", 200));
        assert_eq!(claims(&DETECTION, rows), vec![Claim::WebshellAccess]);
        let mut innocent = normal();
        innocent.push(http(50, "198.51.100.7", "GET", "/uploads/photo.jpg", 200));
        innocent.push(http(51, "198.51.100.7", "GET", "/uploads/a.php?cmd=id", 404));
        assert_eq!(claims(&DETECTION, innocent), vec![]);
    }

    #[test]
    fn an_env_file_that_is_served_is_a_success_only_on_a_site_that_refuses() {
        let mut rows = normal();
        rows.push(http(50, "198.51.100.7", "GET", "/.env", 200));
        assert_eq!(claims(&DETECTION, rows), vec![Claim::WebExploitSuccess]);
        let anything: Vec<_> = (0..9).map(|n| http(n, "198.51.100.7", "GET", "/.env", 200)).collect();
        assert_eq!(claims(&DETECTION, anything), vec![Claim::WebExploitAttempt]);
        let mut refused = normal();
        refused.push(http(50, "198.51.100.7", "GET", "/.env", 404));
        assert_eq!(claims(&DETECTION, refused), vec![Claim::WebExploitAttempt]);
    }

    #[test]
    fn a_proxy_is_told_from_a_server_that_gives_its_front_page() {
        let ask = |n: i64, target: &'static str| http(n, "198.51.100.7", "GET", target, 200);
        let same: Vec<_> = (0..12).map(|n| ask(n, "http://example.org/")).collect();
        assert_eq!(claims(&DETECTION, same), vec![Claim::WebExploitAttempt]);
        let targets = [
            "http://a/",
            "http://ab/",
            "http://abc/",
            "http://abcd/",
            "http://abcde/",
            "http://abcdef/",
            "http://abcdefg/",
            "http://abcdefgh/",
            "http://i/i/i",
            "http://j/j/j/j/j",
        ];
        let mixed: Vec<_> = targets.iter().enumerate().map(|(n, t)| ask(n as i64, t)).collect();
        assert_eq!(claims(&DETECTION, mixed), vec![Claim::ProxyForwarding]);
    }

    #[test]
    fn the_reported_page_is_found_by_its_path() {
        let mut notice = notice();
        notice.reported[0].urls = vec!["http://www.example.com/secure/login.html?x=1".to_owned()];
        let mut rows = normal();
        rows.push(http(60, "192.0.2.4", "GET", "/secure/login.html", 200));
        let found = run_with(&DETECTION, rows, &notice);
        assert_eq!(found.iter().map(|f| f.claim).collect::<Vec<_>>(), vec![Claim::PhishingPageServed]);
    }

    #[test]
    fn metadata_behind_a_request_counts_only_when_answered() {
        let ask = |status| http(50, "198.51.100.7", "GET", "/fetch?url=http%3A%2F%2F169.254.169.254%2Flatest%2F", status);
        assert_eq!(claims(&DETECTION, vec![ask(200)]), vec![Claim::SsrfToMetadata]);
        assert_eq!(claims(&DETECTION, vec![ask(404)]), vec![Claim::WebExploitAttempt]);
    }
}
