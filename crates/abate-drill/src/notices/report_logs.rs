//! The reporter's part as log lines: sshd, Apache, netfilter, fail2ban. Words of AWS are elsewhere.

use super::plan::Plan;
use super::report::{Report, port, remote, sources};
use super::scene::Scene;
use super::times::show;
use crate::clock::{HOUR, Second};
use crate::rng::Rng;

const USERS: &[&str] = &["root", "invalid user admin", "invalid user oracle", "invalid user test", "ubuntu"];

fn sshd_line(at: Second, offset: Second, host: &str, source: &str, rng: &mut Rng) -> String {
    let stamp = show(at, offset, "%b %e %H:%M:%S");
    let (pid, from) = (rng.range(900, 32_000), rng.range(32_768, 60_999));
    let what = match rng.range(0, 2) {
        0 => format!("Failed password for {} from {source} port {from} ssh2", rng.pick(USERS)),
        1 => format!("Invalid user guest from {source} port {from}"),
        _ => format!("Connection closed by authenticating user root {source} port {from} [preauth]"),
    };
    format!("{stamp} {host} sshd[{pid}]: {what}")
}

/// Lines of `sshd`, as syslog writes them: no year, no zone.
pub(crate) fn sshd(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "sshd-log";
    let target = scene.stranger(0);
    report.say(format!("Attacked host: {target}, port 22/tcp"));
    if !plan.zone.words.is_empty() {
        report.say(plan.zone.words);
    }
    report.say("");
    let mut at = scene.start;
    for (source, who) in sources(scene) {
        for _ in 0..rng.range(1, 4) {
            report.say(sshd_line(at, plan.zone.offset, "gw01", &source, rng));
            report.note(who, |sighting| {
                sighting.add_span(at, at, plan.zone.certainty());
                sighting.add_remote(remote(target, 22, Some("tcp")));
            });
            at += rng.range(1, 300);
        }
    }
}

/// Lines of a web server in combined form; the zone stands in every line.
pub(crate) fn apache(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "web-access-log";
    let (zone, hours) = rng.pick(&[("+0000", 0), ("-0400", -4), ("+0900", 9)]);
    let path = if plan.category == "crawling" { "catalog/" } else { rng.pick(&["wp-login.php", "admin/login", ".env"]) };
    let url = format!("https://{}/{path}", rng.pick(&["www.example.org", "shop.example.net"]));
    report.say(format!("Attacked URL: {url}"));
    report.say("");
    let mut at = scene.start;
    for (source, who) in sources(scene) {
        for _ in 0..rng.range(1, 4) {
            let stamp = show(at, hours * HOUR, "%d/%b/%Y:%H:%M:%S");
            let request = if plan.category == "crawling" { format!("GET /{path}{}", rng.range(1, 999)) } else { format!("POST /{path}") };
            let status = rng.pick(&[200, 403, 404]);
            let agent = rng.pick(&["Mozilla/5.0", "python-requests/2.31.0", "Go-http-client/1.1"]);
            report.say(format!("{source} - - [{stamp} {zone}] \"{request} HTTP/1.1\" {status} {} \"-\" \"{agent}\"", rng.range(150, 9000)));
            report.note(who, |sighting| {
                sighting.add_span(at, at, "stated");
                sighting.urls = vec![url.clone()];
            });
            at += rng.range(1, 300);
        }
    }
}

/// Lines of the Linux packet filter.
pub(crate) fn iptables(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "iptables-log";
    if !plan.zone.words.is_empty() {
        report.say(plan.zone.words);
        report.say("");
    }
    let mut at = scene.start;
    for (source, who) in sources(scene) {
        for n in 0..usize::try_from(rng.range(1, 4)).unwrap_or(1) {
            let (port, protocol) = port(plan.category, rng);
            let end = scene.stranger(n);
            report.say(format!(
                "{} fw1 kernel: [{}.{}] DROP IN=eth0 OUT= MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC={source} DST={end} LEN=40 TOS=0x00 PREC=0x00 TTL={} ID={} PROTO={} SPT={} DPT={port}",
                show(at, plan.zone.offset, "%b %e %H:%M:%S"),
                rng.range(100_000, 999_999),
                rng.range(100_000, 999_999),
                rng.range(40, 250),
                rng.range(1, 65_000),
                protocol.to_uppercase(),
                rng.range(1024, 65_000)
            ));
            report.note(who, |sighting| {
                sighting.add_span(at, at, plan.zone.certainty());
                sighting.add_remote(remote(end, port, Some(protocol)));
            });
            at += rng.range(1, 300);
        }
    }
}

/// A complaint of fail2ban, one for each source; it states the zone of its lines.
pub(crate) fn fail2ban(report: &mut Report, _plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "fail2ban";
    let (zone, hours) = rng.pick(&[("+0900 (JST)", 9), ("+0000 (UTC)", 0), ("-0500 (EST)", -5)]);
    let target = scene.stranger(0);
    let mut at = scene.start;
    for (source, who) in sources(scene) {
        report.say(format!("The IP {source} has just been banned by Fail2Ban after {} attempts against sshd.", rng.range(3, 9)));
        report.say(format!("Attacked host: {target}, port 22/tcp"));
        report.say("");
        report.say(format!("Note: Local timezone is {zone}"));
        report.say(format!("Lines containing IP:{source} in /var/log/auth.log"));
        report.say("");
        for _ in 0..rng.range(2, 5) {
            report.say(sshd_line(at, hours * HOUR, "mail", &source, rng));
            report.note(who, |sighting| {
                sighting.add_span(at, at, "stated");
                sighting.add_remote(remote(target, 22, Some("tcp")));
            });
            at += rng.range(1, 200);
        }
        report.say("");
    }
    report.say("Regards,");
    report.say("");
    report.say("Fail2Ban");
}
