//! A page that looks like a sign-in of others, in a folder where a site has no pages, to which strangers send their passwords.
//!
//! A path is a hint and no proof: it weighs little, so that it never confirms a report by itself.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Heap, Words};
use crate::examples::http;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "phishing-kit",
    title: Text::fixed("Sign-in page in a folder where a site has none", "サイトのページがないはずのフォルダーにあるログイン画面"),
    claims: &[Claim::PhishingPageServed],
    techniques: &["T1583.006"],
    tactic: Tactic::ResourceDevelopment,
    severity: Severity::Low,
    needs: &[Table::HttpActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "visitors open a sign-in below .well-known and post to it",
            "閲覧者が .well-known の下のログイン画面を開いて送信する",
            || {
                ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"]
                    .into_iter()
                    .zip(0..)
                    .flat_map(|(client, n)| {
                        let page = "/.well-known/secure/signin.php";
                        [http(n * 10, client, "GET", page, 200), http(n * 10 + 1, client, "POST", page, 302)]
                    })
                    .collect()
            },
            &[Claim::PhishingPageServed],
        ),
        Example::miss(
            "the site's own sign-in, and a certificate's check",
            "サイト自身のログインと、証明書の検証",
            || {
                let own = ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"].into_iter().zip(0..);
                own.flat_map(|(client, n)| {
                    [
                        http(n * 10, client, "POST", "/account/login.php", 302),
                        http(n * 10 + 1, client, "GET", "/.well-known/acme-challenge/abc", 200),
                    ]
                })
                .collect()
            },
        ),
    ],
    run,
};

const INNOCENT: Text =
    Text::fixed("Look at the page itself: the log shows its path only.", "ログには経路しか残らないため、ページの内容を確認する。");
static WORDS: Words = Words {
    title: Text::fixed(
        "strangers sent data to a sign-in page in an odd folder: {t}",
        "不自然なフォルダーにあるログイン画面へ第三者がデータを送信した: {t}",
    ),
    innocent: INNOCENT,
};

/// Folders where a site keeps what is no page.
const FOLDERS: &[&str] =
    &["/.well-known/", "/wp-includes/", "/wp-content/uploads/", "/images/", "/img/", "/css/", "/js/", "/fonts/", "/tmp/", "/cache/"];
/// Words in the names of pages that ask for passwords.
const PAGES: &[&str] =
    &["login", "signin", "sign-in", "verify", "secure", "account", "webscr", "update", "confirm", "wallet", "otp", "billing"];
/// Strangers that post to a page.
const VICTIMS: usize = 3;
/// Pages followed.
const MAX_PAGES: usize = 2000;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut pages: BTreeMap<String, (BTreeSet<String>, Heap)> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::HttpActivity), &mut |row| {
        let Body::Http(http) = &row.body else { return };
        let answered = http.status.is_some_and(|status| matches!(status, 200 | 301 | 302 | 303));
        let path = http.path();
        if http.method != "POST" || !answered || !is_odd(path) || (pages.len() >= MAX_PAGES && !pages.contains_key(path)) {
            return;
        }
        let (clients, heap) = pages.entry(path.to_owned()).or_default();
        if clients.len() < 1000 {
            clients.insert(http.client.to_string());
        }
        let act =
            Act::new("page", Severity::Low, path).naming(EntityKind::RemoteAddress, Some(&http.client)).naming(EntityKind::Url, Some(path));
        heap.add(ctx, row, act);
    });
    let served = pages.into_values().filter(|(clients, _)| clients.len() >= VICTIMS);
    served.filter_map(|(_, heap)| heap.finding(Claim::PhishingPageServed, "T1583.006", &WORDS)).take(20).collect()
}

fn is_odd(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let script = [".php", ".html", ".htm", ".asp", ".aspx", "/"].iter().any(|end| path.ends_with(end));
    let folder = FOLDERS.iter().any(|folder| path.contains(folder));
    let known = ["/acme-challenge/", "admin-ajax.php", "/wp-content/uploads/wp-file"].iter().any(|own| path.contains(own));
    script && folder && !known && PAGES.iter().any(|page| path.contains(page))
}
