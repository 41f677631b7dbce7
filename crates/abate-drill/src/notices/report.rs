//! The reporter's part: forms with fields and lists. Forms with log lines are in `report_logs`. Words of AWS are elsewhere.

use super::plan::{Format, Plan};
use super::report_logs;
use super::scene::Scene;
use super::times::{minute_span, show};
use super::truth::{Remote, Sighting};
use crate::clock::{HOUR, Second};
use crate::rng::Rng;

/// What a reporter wrote and what it says.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// the lines
    pub(crate) lines: Vec<String>,
    /// form, as the corpus calls it; empty for none
    pub(crate) format: &'static str,
    /// one for each resource
    pub(crate) sightings: Vec<Sighting>,
}

impl Report {
    /// A line.
    pub(crate) fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// Changes the sighting of one resource, or of all if a line names none.
    pub(crate) fn note(&mut self, who: Option<usize>, change: impl Fn(&mut Sighting)) {
        for (n, sighting) in self.sightings.iter_mut().enumerate() {
            if who.is_none_or(|who| who == n) {
                change(sighting);
            }
        }
    }
}

/// Who appears as source in a report: an address and the resource that it tells apart.
pub(crate) fn sources(scene: &Scene) -> Vec<(String, Option<usize>)> {
    if scene.named() {
        scene.things.iter().enumerate().map(|(n, thing)| (thing.address.clone().unwrap_or_default(), Some(n))).collect()
    } else {
        vec![(scene.hidden.clone(), None)]
    }
}

/// A port that suits the category, and its protocol.
pub(crate) fn port(category: &str, rng: &mut Rng) -> (u16, &'static str) {
    let list: &[(u16, &str)] = match category {
        "intrusion" => &[(22, "tcp"), (3389, "tcp"), (443, "tcp")],
        "port-scan" => &[(23, "tcp"), (445, "tcp"), (8080, "tcp"), (5060, "udp")],
        "dos" => &[(80, "tcp"), (53, "udp"), (443, "udp"), (27015, "udp")],
        "spam" => &[(25, "tcp"), (587, "tcp")],
        "botnet" => &[(6667, "tcp"), (4444, "tcp")],
        "crypto-mining" => &[(3333, "tcp"), (14444, "tcp")],
        "open-resolver" => &[(53, "udp")],
        "vulnerability" => &[(123, "udp"), (111, "udp")],
        _ => &[(80, "tcp"), (443, "tcp")],
    };
    rng.pick(list)
}

/// A far end.
pub(crate) fn remote(address: &str, port: u16, protocol: Option<&'static str>) -> Remote {
    Remote { address: Some(address.to_owned()), port: Some(port), protocol }
}

/// Writes the report that the plan asks for.
pub(crate) fn write(plan: &Plan, scene: &Scene, rng: &mut Rng) -> Report {
    let mut report = Report { sightings: vec![Sighting::default(); scene.things.len()], ..Report::default() };
    if plan.format == Format::Nothing {
        return report;
    }
    if !matches!(plan.format, Format::DestinationList | Format::WebForm | Format::Csv) {
        greet(&mut report, scene, rng);
    }
    match plan.format {
        Format::Nothing => {}
        Format::DestinationList => destinations(&mut report, plan, scene, rng),
        Format::WebForm => web_form(&mut report, plan, scene, rng),
        Format::Csv => csv(&mut report, plan, scene, rng),
        Format::ScanTable => scan_table(&mut report, plan, scene, rng),
        Format::SpamMail => spam_mail(&mut report, plan, scene, rng),
        Format::DefangedUrls => urls(&mut report, plan, scene, rng),
        Format::Sshd => report_logs::sshd(&mut report, plan, scene, rng),
        Format::Apache => report_logs::apache(&mut report, plan, scene, rng),
        Format::Iptables => report_logs::iptables(&mut report, plan, scene, rng),
        Format::Fail2ban => report_logs::fail2ban(&mut report, plan, scene, rng),
    }
    report
}

fn greet(report: &mut Report, scene: &Scene, rng: &mut Rng) {
    report.say(rng.pick(&["Dear abuse desk,", "Hello,", "To whom it may concern,", "Hi AWS abuse team,"]));
    report.say("");
    report.say(rng.pick(&[
        "we see unwanted activity from your network. Details follow.",
        "a machine in your address space keeps bothering ours. Kindly have a look.",
        "this was noticed by our monitoring and is passed on to you automatically.",
    ]));
    if rng.chance(15) {
        // When a report was written is not when the abuse happened.
        report.say(format!("Report created: {}", show(scene.start + HOUR, 0, "%Y-%m-%d %H:%M:%S UTC")));
    }
    report.say("");
}

fn destinations(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "aws-web-form";
    let (port, _) = port(plan.category, rng);
    let ends: Vec<&str> = (0..if rng.chance(30) { 2 } else { 1 }).map(|n| scene.stranger(n)).collect();
    let written = plan.notation.write(scene.start);
    report.say(format!("* Destination IPs: {}", ends.join(", ")));
    report.say(format!("* Destination Ports: {port}"));
    report.say("* Destination URLs:");
    report.say(format!("* Abuse Time: {}", written.strip_prefix("timestamp: ").unwrap_or(&written)));
    report.say("* Log Extract:");
    if rng.chance(60) {
        report.say(rng.pick(&["<<<", "---"]));
        for (source, _) in sources(scene) {
            report.say(format!("src={source} dst={} dport={port} count={}", scene.stranger(0), rng.range(20, 9000)));
        }
        report.say(rng.pick(&[">>>", "---"]));
    }
    let (from, to) = plan.notation.span(scene.start, scene.start);
    let ends: Vec<Remote> = ends.iter().map(|end| remote(end, port, None)).collect();
    report.note(None, |sighting| {
        sighting.add_span(from, to, plan.notation.certainty());
        ends.iter().cloned().for_each(|end| sighting.add_remote(end));
    });
}

fn form_type(category: &str) -> &'static str {
    match category {
        "port-scan" => "port-scanning",
        "dos" => "denial-of-service",
        "intrusion" => "intrusion-attempts",
        "spam" => "email-spam",
        "phishing" => "phishing",
        "malware" => "malware",
        "botnet" => "botnet",
        "crawling" => "web-crawling",
        "open-proxy" => "open-proxy",
        _ => "other",
    }
}

fn web_form(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "aws-web-form";
    let hosted = matches!(plan.category, "phishing" | "malware" | "content");
    let (zone, offset) = rng.pick(&[("-0800", -8), ("+0000", 0), ("+0900", 9), ("UTC", 0), ("GMT", 0)]);
    let (port, protocol) = port(plan.category, rng);
    let sources: Vec<String> = sources(scene).into_iter().map(|(source, _)| source).collect();
    let end = scene.stranger(0);
    let path = match plan.category {
        "phishing" => rng.pick(&["login/index.html", "verify.php"]),
        "malware" => rng.pick(&["files/update.exe", "dl/invoice.zip"]),
        _ => rng.pick(&["shop/", "catalog/list.html"]),
    };
    let url = format!("http://www.example.net/{path}");
    let slow = plan.category == "crawling";
    report.say(format!("Abuse type*: {}", form_type(plan.category)));
    report.say(format!("Source IPs (comma separated)*: {}", sources.join(", ")));
    report.say(if hosted { "Destination IPs:".to_owned() } else { format!("Destination IPs: {end}") });
    let ports = if hosted { String::new() } else { format!(" {port}/{}", protocol.to_uppercase()) };
    report.say(format!("Destination ports and protocols (e.g. 22/TCP):{ports}"));
    report.say(if hosted || slow {
        format!("Destination URLs (space separated): {url}")
    } else {
        "Destination URLs (space separated):".to_owned()
    });
    report.say(format!("Abuse date (yyyy-mm-dd)*: {}", show(scene.start, offset * HOUR, "%Y-%m-%d")));
    report.say(format!("Abuse time, 24-hr format (hh:mm)*: {}", show(scene.start, offset * HOUR, "%H:%M")));
    report.say(format!("Time zone*: {zone}"));
    report.say(format!("The host clock is synchronized by NTP: {}", rng.pick(&["yes", "no"])));
    report.say(format!("Logs (4KB max)*: {}", rng.pick(&["see attachment", "repeated connections, 400 in a minute", "n/a"])));
    report.say(format!("Comments (4KB max): {}", rng.pick(&["", "please stop this", "third time this month"])));
    report.say(format!("Custom tracking number (optional): {}", rng.pick(&["", "T-4711", "INC00012"])));
    let (from, to) = minute_span(scene.start, scene.start);
    report.note(None, |sighting| {
        sighting.add_span(from, to, "stated");
        if hosted || slow {
            sighting.urls = vec![url.clone()];
        }
        if !hosted {
            sighting.add_remote(remote(end, port, Some(protocol)));
        }
    });
}

fn csv(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "csv-line";
    let kind = match plan.category {
        "dos" => "DOS",
        "port-scan" => "PORTSCAN",
        _ => "INTRUSION",
    };
    let (zone, offset) = rng.pick(&[("UTC", 0), ("GMT", 0), ("PDT", -7), ("PST", -8), ("JST", 9)]);
    for (n, thing) in scene.things.iter().enumerate() {
        let at: Second = scene.start + 97 * i64::try_from(n).unwrap_or(0);
        let (port, protocol) = port(plan.category, rng);
        let end = scene.stranger(n);
        report.say(format!(
            "{kind},{},{} {zone},{end},{},*,{port},{}",
            thing.id,
            show(at, offset * HOUR, "%Y-%m-%d %H:%M:%S"),
            protocol.to_uppercase(),
            thing.region.map_or("us-east-1", |(code, _)| code)
        ));
        report.note(Some(n), |sighting| {
            sighting.add_span(at, at, "stated");
            sighting.add_remote(remote(end, port, Some(protocol)));
        });
    }
}

fn scan_table(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "port-scan-sensor";
    report.say(format!("{:<18}{:<18}{:<8}{}", "Attacker IP", "Scanned IP", "Port", "Time"));
    let mut at = scene.start;
    for (source, who) in sources(scene) {
        for n in 0..usize::try_from(rng.range(1, 3)).unwrap_or(1) {
            let (port, _) = port(plan.category, rng);
            let end = scene.stranger(n);
            report.say(format!(">>> {source:<16}  {end:<16}  {port:<6}  {}", plan.notation.write(at)));
            let (from, to) = plan.notation.span(at, at);
            report.note(who, |sighting| {
                sighting.add_span(from, to, plan.notation.certainty());
                sighting.add_remote(remote(end, port, None));
            });
            at += rng.range(1, 400);
        }
    }
}

fn spam_mail(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "spam-mail";
    let mut at = scene.start;
    let server = rng.pick(&["mx.example.org", "mail.example.net", "mx1.example.com"]);
    for (source, who) in sources(scene) {
        let date = show(at, 0, "%a, %d %b %Y %H:%M:%S +0000");
        report.say("Return-Path: <bounce@mailer.example.net>");
        report.say(format!("Received: from mailer.example.net (unknown [{source}])"));
        report.say(format!("    by {server} (Postfix) with ESMTP id {}", rng.upper(10)));
        report.say(format!("    for <info@example.org>; {date}"));
        report.say(format!(
            "From: {}",
            rng.pick(&["\"Lucky Prize\" <win@mailer.example.net>", "Account Service <service@mailer.example.net>"])
        ));
        report.say("To: info@example.org");
        report.say(format!("Subject: {}", rng.pick(&["You have been selected", "Your parcel is waiting", "Notice about your mailbox"])));
        report.say(format!("Date: {date}"));
        report.say(format!("Message-ID: <{}@mailer.example.net>", rng.hex(12)));
        report.say("");
        report.say(rng.pick(&["Dear friend, act today and win.", "Your mailbox is full, confirm it today."]));
        let url = "http://login.example.net/verify.php";
        if plan.category == "phishing" {
            report.say(url);
        }
        report.say("");
        report.note(who, |sighting| {
            sighting.add_span(at, at, "stated");
            sighting.add_remote(Remote { address: Some(server.to_owned()), port: None, protocol: None });
        });
        if plan.category == "phishing" {
            report.note(who, |sighting| sighting.urls = vec![url.to_owned()]);
        }
        at += rng.range(1, 900);
    }
}

fn urls(report: &mut Report, plan: &Plan, scene: &Scene, rng: &mut Rng) {
    report.format = "free-text";
    let (paths, what): (&[&str], &str) = match plan.category {
        "malware" => (&["dl/update.exe", "x86/bins.sh", "invoice.zip"], "Malware URL"),
        "copyright" => (&["movies/watch-1.html", "books/full.pdf"], "Infringing URL"),
        "phishing" => (&["bank/login.html", "secure/verify.php"], "Phishing URL"),
        _ => (&["market/list.html", "forum/index.html"], "URL"),
    };
    let mut list: Vec<String> = Vec::new();
    for _ in 0..rng.range(1, 2) {
        let scheme = rng.pick(&["http", "https"]);
        let host = rng.pick(&["secure.example.net", "www.example.org", "cdn.example.com"]);
        let url = format!("{scheme}://{host}/{}", rng.pick(paths));
        if !list.contains(&url) {
            let dotted = host.replace('.', rng.pick(&["[.]", "[.]", "(.)"]));
            report.say(format!("{what}: {}", url.replacen("http", "hxxp", 1).replacen(host, &dotted, 1)));
            list.push(url);
        }
    }
    let written = plan.notation.write(scene.start);
    report.say(format!("First seen: {}", written.strip_prefix("timestamp: ").unwrap_or(&written)));
    let (from, to) = plan.notation.span(scene.start, scene.start);
    report.note(None, |sighting| {
        sighting.add_span(from, to, plan.notation.certainty());
        sighting.urls.clone_from(&list);
    });
}
