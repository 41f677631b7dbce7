//! A script that appeared in a web server's folders and was then asked for over the web: an upload that became a webshell, seen from both sides.

use std::collections::BTreeMap;

use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};
use jiff::{SignedDuration, Timestamp};

use super::acts::host_words;
use crate::examples::{file, http};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "web-file-written",
    title: Text::fixed("Script written into a web folder, then asked for", "ウェブ公開フォルダーへのスクリプト書き込みとその呼び出し"),
    claims: &[Claim::WebshellAccess],
    techniques: &["T1505.003"],
    tactic: Tactic::Persistence,
    severity: Severity::Critical,
    needs: &[Table::FileActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "PHP writes a script among the pictures, and a stranger calls it",
            "PHP が画像フォルダーにスクリプトを書き込み、第三者がそれを呼び出す",
            || {
                vec![
                    file(10, "created", "/var/www/html/images/x7.php", "/usr/sbin/php-fpm8.2"),
                    http(60, "203.0.113.7", "POST", "/images/x7.php", 200),
                ]
            },
            &[Claim::WebshellAccess],
        ),
        Example::miss("a deployment writes scripts that visitors call", "デプロイによるスクリプトの配置と閲覧", || {
            vec![file(10, "created", "/var/www/html/news.php", "/usr/bin/rsync"), http(60, "203.0.113.7", "GET", "/news.php", 200)]
        }),
        Example::miss("a picture is uploaded and shown", "画像がアップロードされ表示される", || {
            vec![
                file(10, "created", "/var/www/html/images/x7.jpg", "/usr/sbin/php-fpm8.2"),
                http(60, "203.0.113.7", "GET", "/images/x7.jpg", 200),
            ]
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "A content management system that updates itself writes scripts, too; look at the file.",
    "自動更新を行う CMS もスクリプトを書き込む。ファイルの内容を確認する。",
);
/// Server programs that write by a visitor's will.
const SERVERS: &[&str] = &["php", "apache2", "httpd", "nginx", "java", "tomcat", "node", "w3wp", "python", "ruby", "perl"];
/// Files followed, and how long after it was written a call still belongs to it.
const MAX_FILES: usize = 5000;
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

struct Written {
    at: Timestamp,
    path: String,
    host: Option<String>,
    cite: Cite,
    found: Option<Finding>,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut written: BTreeMap<String, Vec<Written>> = BTreeMap::new();
    let mut files = 0;
    ctx.evidence.each(&Filter::table(Table::FileActivity), &mut |row| {
        let (Body::File(file), Some(at)) = (&row.body, row.at) else { return };
        let program = file.process.as_deref().unwrap_or_default();
        let program = program.rsplit(['/', '\\']).next().unwrap_or_default();
        let by_server = SERVERS.iter().any(|server| program.starts_with(server));
        if !by_server || !matches!(&*file.change, "created" | "renamed") || !is_script(&file.path) || files >= MAX_FILES {
            return;
        }
        files += 1;
        let name = file.path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let (path, host) = (file.path.to_string(), file.host.as_deref().map(str::to_owned));
        written.entry(name).or_default().push(Written { at, path, host, cite: ctx.evidence.cite(row), found: None });
    });
    if written.is_empty() {
        return Vec::new();
    }
    ctx.evidence.each(&Filter::table(Table::HttpActivity), &mut |row| {
        let Body::Http(http) = &row.body else { return };
        let path = http.path();
        let name = path.rsplit('/').next().unwrap_or_default();
        let (Some(candidates), Some(at)) = (written.get_mut(name), row.at) else { return };
        let called = http.status.is_some_and(|status| status < 400);
        for file in candidates.iter_mut().filter(|file| called && file.at <= at && at.duration_since(file.at) <= SOON) {
            // The path on the web is the end of the path on the disk.
            if file.path.replace('\\', "/").ends_with(path) {
                add(ctx, file, row, &http.client, path);
            }
        }
    });
    written.into_values().flatten().filter_map(|file| file.found).collect()
}

fn add(ctx: &Context<'_>, file: &mut Written, row: &Row<'_>, client: &str, path: &str) {
    let (host, disk) = (host_words(file.host.as_deref()), super::account::clip(&file.path));
    let finding = file.found.get_or_insert_with(|| {
        let title = Text::new(
            format!("on {}, a server program wrote {disk}, which was then called over the web", host.en),
            format!("{}でサーバープログラムが {disk} を書き込み、その後ウェブ経由で呼び出された", host.ja),
        );
        let mut finding = Finding::new(Claim::WebshellAccess, Severity::Critical, title, INNOCENT, file.cite.clone());
        finding.technique = Some("T1505.003".to_owned());
        finding.seen(Some(file.at));
        finding.names(EntityKind::Resource, disk);
        file.host.iter().for_each(|host| finding.names(EntityKind::Host, host.clone()));
        finding
    });
    finding.count += 1;
    finding.seen(row.at);
    finding.also(ctx.evidence.cite(row));
    finding.names(EntityKind::RemoteAddress, super::account::clip(client));
    finding.names(EntityKind::Url, super::account::clip(path));
}

fn is_script(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let script =
        [".php", ".phtml", ".php5", ".phar", ".jsp", ".jspx", ".asp", ".aspx", ".ashx", ".cgi"].iter().any(|end| path.ends_with(end));
    // What a framework compiles for itself lies in folders of its own.
    script && !["/cache/", "/twig/", "/storage/framework/", "/var/cache/", "/tmp/"].iter().any(|own| path.contains(own))
}
