//! Sign-ins to a web application guessed: many posts to a sign-in page by one client, and an answer that lets it in.

use std::collections::BTreeMap;

use abate_model::rows::HttpActivity;
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Heap, Words};
use crate::examples::http;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "web-logins",
    title: Text::fixed("Guessing at a web application's sign-in, and success after it", "ウェブアプリケーションのログインの推測とその成功"),
    claims: &[Claim::LoginBruteForce, Claim::LoginAfterBruteForce],
    techniques: &["T1110.001"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::Medium,
    needs: &[Table::HttpActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "40 refused posts to WordPress' sign-in",
            "WordPress のログインへの 40 回の失敗した POST",
            || (0..40).map(|n| http(n, "203.0.113.7", "POST", "/wp-login.php", 200)).collect(),
            &[Claim::LoginBruteForce],
        ),
        Example::hit(
            "then one that leads on, and the administration is opened",
            "その後 1 回が転送され、管理画面が開かれる",
            || {
                let guesses = (0..40).map(|n| http(n, "203.0.113.7", "POST", "/wp-login.php", 200));
                guesses
                    .chain([http(50, "203.0.113.7", "POST", "/wp-login.php", 302), http(51, "203.0.113.7", "GET", "/wp-admin/", 200)])
                    .collect()
            },
            &[Claim::LoginBruteForce, Claim::LoginAfterBruteForce],
        ),
        Example::miss("two slips of the fingers, then in", "2 回打ち間違えた後のログイン", || {
            let slips = (0..2).map(|n| http(n, "198.51.100.4", "POST", "/wp-login.php", 200));
            slips
                .chain([http(5, "198.51.100.4", "POST", "/wp-login.php", 302), http(6, "198.51.100.4", "GET", "/wp-admin/", 200)])
                .collect()
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Guessing reaches every site; only its success matters. Monitoring that signs in looks alike.",
    "推測はどのサイトにも届き、問題になるのは成功だけである。ログインを伴う監視でも同様に見える。",
);
static GUESSED: Words = Words {
    title: Text::fixed("passwords were guessed at sign-in pages: {t}", "ログイン画面でパスワードが推測された: {t}"),
    innocent: INNOCENT,
};
static ENTERED: Words = Words {
    title: Text::fixed(
        "a client that had guessed passwords was let in: {t}",
        "パスワードを推測していたクライアントがログインに成功した: {t}",
    ),
    innocent: INNOCENT,
};

/// Posts to a sign-in page within an hour that no person makes.
const GUESSES: u64 = 20;
/// Clients followed.
const MAX_CLIENTS: usize = 20_000;

#[derive(Default)]
struct Client {
    hour: i64,
    in_hour: u64,
    /// most in an hour
    guesses: u64,
    led_on: bool,
    guessing: Heap,
    entered: Heap,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut clients: BTreeMap<String, Client> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::HttpActivity), &mut |row| {
        let Body::Http(http) = &row.body else { return };
        let path = http.path().to_ascii_lowercase();
        let post = http.method == "POST" && is_sign_in(&path);
        if !post && !clients.get(&*http.client).is_some_and(|client| client.led_on && is_inside(&path)) {
            return;
        }
        if clients.len() >= MAX_CLIENTS && !clients.contains_key(&*http.client) {
            return;
        }
        let client = clients.entry(http.client.to_string()).or_default();
        let act = || {
            Act::new("web", Severity::Medium, &format!("{} ({})", http.path(), http.client))
                .naming(EntityKind::RemoteAddress, Some(&http.client))
        };
        if post && failed(http) {
            let hour = row.at.map_or(0, |at| at.as_second().div_euclid(3600));
            if client.hour != hour {
                (client.hour, client.in_hour) = (hour, 0);
            }
            client.in_hour += 1;
            client.guesses = client.guesses.max(client.in_hour);
            client.guessing.add(ctx, row, Act { severity: Severity::Low, ..act() });
        } else if client.guesses >= GUESSES && http.status.is_some_and(|s| s < 400) {
            // Being led on alone is no proof: only that a page behind the sign-in was then given.
            client.led_on |= post;
            client.entered.add(ctx, row, Act { severity: Severity::High, ..act() });
        }
    });
    let mut guessing: Vec<&Client> = clients.values().filter(|client| client.guesses >= GUESSES).collect();
    guessing.sort_by_key(|client| std::cmp::Reverse(client.guesses));
    let entered = guessing.iter().filter(|client| client.led_on && client.entered.count >= 2);
    let entered: Vec<Finding> =
        entered.filter_map(|client| client.entered.finding(Claim::LoginAfterBruteForce, "T1110.001", &ENTERED)).take(20).collect();
    // One finding for all guessing, told by the busiest client.
    let worst = guessing.first().and_then(|client| client.guessing.finding(Claim::LoginBruteForce, "T1110.001", &GUESSED));
    let rest = guessing.iter().skip(1).map(|client| client.guessing.count).sum::<u64>();
    let worst = worst.map(|mut finding| {
        finding.count += rest;
        finding
    });
    entered.into_iter().chain(worst).collect()
}

fn is_sign_in(path: &str) -> bool {
    [
        "/wp-login.php",
        "/xmlrpc.php",
        "/administrator/index.php",
        "/user/login",
        "/admin/login",
        "/login",
        "/signin",
        "/sign_in",
        "/phpmyadmin/index.php",
        "/owa/auth.owa",
    ]
    .iter()
    .any(|page| path.ends_with(page))
}

/// Pages behind a sign-in.
fn is_inside(path: &str) -> bool {
    ["/wp-admin", "/administrator/", "/admin", "/dashboard", "/phpmyadmin/"].iter().any(|page| path.starts_with(page))
        && !path.ends_with("admin-ajax.php")
}

/// WordPress and many others answer 200 with the form again, and lead on when the password was right.
fn failed(http: &HttpActivity<'_>) -> bool {
    http.status.is_some_and(|status| status == 200 || status == 401 || status == 403 || status == 422 || status == 429)
}
