//! A visitor that remembers everything and checks the order of the calls.
#![allow(dead_code, clippy::unwrap_used)]

pub mod evtx;
pub mod pack;
pub mod parquet;

use abate_evidence::{Limits, ReadContext, Reader, SourceEnd, Visitor, read_stream};
use abate_model::{Body, Locator, LossKind, Row};
use jiff::tz::TimeZone;

/// What one source gave.
pub struct Source {
    pub end: SourceEnd,
    pub rows: Rows,
}

/// Rows with their raw records.
pub type Rows = Vec<(Row<'static>, Vec<u8>)>;

#[derive(Default)]
pub struct Collect {
    pub sources: Vec<Source>,
    open: Option<(String, Option<&'static str>, Rows)>,
}

impl Visitor for Collect {
    fn begin(&mut self, path: &str, format: Option<&'static Reader>) {
        assert!(self.open.is_none(), "{path} begins inside another source");
        self.open = Some((path.to_owned(), format.map(|f| f.id), Vec::new()));
    }
    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        self.open.as_mut().unwrap().2.push((row.into_owned(), raw.to_vec()));
    }
    fn end(&mut self, end: SourceEnd) {
        let (path, format, rows) = self.open.take().expect("an end without a beginning");
        assert_eq!((path, format), (end.path.clone(), end.format));
        assert!(end.losses.len() <= 60);
        self.sources.push(Source { end, rows });
    }
}

pub fn ctx() -> ReadContext {
    ReadContext { reference: "2026-11-24T00:00:00Z".parse().unwrap(), zone: TimeZone::UTC }
}

pub fn visit_with(path: &str, mut bytes: &[u8], limits: &Limits) -> Vec<Source> {
    let mut collect = Collect::default();
    read_stream(path, &mut bytes, &ctx(), limits, &mut collect);
    assert!(collect.open.is_none(), "{path} has no end");
    collect.sources
}

pub fn visit(path: &str, bytes: &[u8]) -> Vec<Source> {
    visit_with(path, bytes, &Limits::default())
}

/// The only source of a plain stream.
pub fn single(path: &str, bytes: &[u8]) -> Source {
    let mut all = visit(path, bytes);
    assert_eq!(all.len(), 1, "{path}");
    all.pop().unwrap()
}

impl Source {
    /// Kind, count and bytes of each loss.
    pub fn losses(&self) -> Vec<(LossKind, u64)> {
        self.end.losses.iter().map(|l| (l.kind, l.count)).collect()
    }
    pub fn bodies(&self) -> Vec<&Body<'static>> {
        self.rows.iter().map(|r| &r.0.body).collect()
    }
    pub fn times(&self) -> Vec<Option<String>> {
        self.rows.iter().map(|r| r.0.at.map(|t| t.to_string())).collect()
    }
}

pub fn span(locator: Locator) -> std::ops::Range<usize> {
    let Locator::Bytes { offset, length } = locator else { panic!("no byte locator") };
    offset as usize..(offset + length) as usize
}

/// Bytes of one record where a format numbers its records.
pub fn record_size(name: &str) -> Option<usize> {
    match name {
        "wtmp" => Some(384),
        "arm" => Some(400),
        "lastlog" => Some(292),
        _ => None,
    }
}

/// Where a row or loss of a fixture stands.
pub fn place(name: &str, locator: Locator, all: usize) -> std::ops::Range<usize> {
    match (locator, record_size(name)) {
        (Locator::Record { n }, Some(size)) => n as usize * size..all.min((n as usize + 1) * size),
        _ => span(locator),
    }
}

/// Our fixtures: reader id, name, bytes.
pub const FIXTURES: &[(&str, &str, &[u8])] = &[
    ("cloudtrail", "trail", include_bytes!("../../fixtures/cloudtrail/trail.in")),
    ("cloudtrail", "lookup", include_bytes!("../../fixtures/cloudtrail/lookup.in")),
    ("cloudtrail", "lines", include_bytes!("../../fixtures/cloudtrail/lines.in")),
    ("cloudtrail", "pretty", include_bytes!("../../fixtures/cloudtrail/pretty.in")),
    ("cloudtrail-csv", "history", include_bytes!("../../fixtures/cloudtrail-csv/history.in")),
    ("vpc-flow", "v2", include_bytes!("../../fixtures/vpc-flow/v2.in")),
    ("vpc-flow", "custom", include_bytes!("../../fixtures/vpc-flow/custom.in")),
    ("vpc-flow", "headless", include_bytes!("../../fixtures/vpc-flow/headless.in")),
    ("vpc-flow", "exported", include_bytes!("../../fixtures/vpc-flow/exported.in")),
    ("vpc-flow", "filter-log-events", include_bytes!("../../fixtures/vpc-flow/filter-log-events.in")),
    ("route53-resolver", "queries", include_bytes!("../../fixtures/route53-resolver/queries.in")),
    ("route53-resolver", "resolver-exported", include_bytes!("../../fixtures/route53-resolver/exported.in")),
    ("route53-resolver", "subscription", include_bytes!("../../fixtures/route53-resolver/subscription.in")),
    ("cloudwatch-logs", "get-log-events", include_bytes!("../../fixtures/cloudwatch-logs/get-log-events.in")),
    ("cloudwatch-logs", "insights", include_bytes!("../../fixtures/cloudwatch-logs/insights.in")),
    ("cloudtrail", "categories", include_bytes!("../../fixtures/cloudtrail/categories.in")),
    ("cloudtrail", "lake", include_bytes!("../../fixtures/cloudtrail/lake.in")),
    ("cloudtrail", "ct-exported", include_bytes!("../../fixtures/cloudtrail/ct-exported.in")),
    ("cloudtrail", "ct-filter-log-events", include_bytes!("../../fixtures/cloudtrail/ct-filter-log-events.in")),
    ("cloudtrail-csv", "athena", include_bytes!("../../fixtures/cloudtrail-csv/athena.in")),
    ("cloudtrail-csv", "eventjson", include_bytes!("../../fixtures/cloudtrail-csv/eventjson.in")),
    ("cloudtrail-digest", "digest", include_bytes!("../../fixtures/cloudtrail-digest/digest.in")),
    ("vpc-flow", "more", include_bytes!("../../fixtures/vpc-flow/more.in")),
    ("vpc-flow", "transit", include_bytes!("../../fixtures/vpc-flow/transit.in")),
    ("vpc-flow", "v10", include_bytes!("../../fixtures/vpc-flow/v10.in")),
    ("vpc-flow", "firehose", include_bytes!("../../fixtures/vpc-flow/firehose.in")),
    ("security-hub", "asff-findings", include_bytes!("../../fixtures/security-hub/asff-findings.in")),
    ("security-hub", "event", include_bytes!("../../fixtures/security-hub/event.in")),
    ("ocsf", "ocsf-findings", include_bytes!("../../fixtures/ocsf/ocsf-findings.in")),
    ("ocsf", "lake-activity", include_bytes!("../../fixtures/ocsf/lake-activity.in")),
    ("ses-events", "events", include_bytes!("../../fixtures/ses-events/events.in")),
    ("ses-events", "notifications", include_bytes!("../../fixtures/ses-events/notifications.in")),
    ("ses-events", "queue", include_bytes!("../../fixtures/ses-events/queue.in")),
    ("iam", "details", include_bytes!("../../fixtures/iam/details.in")),
    ("iam", "keys", include_bytes!("../../fixtures/iam/keys.in")),
    ("iam", "users", include_bytes!("../../fixtures/iam/users.in")),
    ("credential-report", "report", include_bytes!("../../fixtures/credential-report/report.in")),
    ("credential-report", "get-credential-report", include_bytes!("../../fixtures/credential-report/get-credential-report.in")),
    ("describe", "more", include_bytes!("../../fixtures/describe/more.in")),
    ("describe", "buckets", include_bytes!("../../fixtures/describe/buckets.in")),
    ("aws-config", "snapshot", include_bytes!("../../fixtures/aws-config/snapshot.in")),
    ("aws-config", "change", include_bytes!("../../fixtures/aws-config/change.in")),
    ("vpc-flow", "flow-athena", include_bytes!("../../fixtures/vpc-flow/athena.in")),
    ("cloudtrail-csv", "flattened", include_bytes!("../../fixtures/cloudtrail-csv/flattened.in")),
    ("syslog", "auth", include_bytes!("../../fixtures/syslog/auth.in")),
    ("syslog", "iso", include_bytes!("../../fixtures/syslog/iso.in")),
    ("syslog", "linux", include_bytes!("../../fixtures/syslog/linux.in")),
    ("audit", "raw", include_bytes!("../../fixtures/audit/raw.in")),
    ("audit", "interpreted", include_bytes!("../../fixtures/audit/interpreted.in")),
    ("audit", "prefixed", include_bytes!("../../fixtures/audit/prefixed.in")),
    ("journald", "export", include_bytes!("../../fixtures/journald/export.in")),
    ("journal-export", "entries", include_bytes!("../../fixtures/journal-export/entries.in")),
    ("utmp", "wtmp", include_bytes!("../../fixtures/utmp/wtmp.in")),
    ("utmp", "arm", include_bytes!("../../fixtures/utmp/arm.in")),
    ("lastlog", "lastlog", include_bytes!("../../fixtures/lastlog/lastlog.in")),
    ("shell-history", "bash", include_bytes!("../../fixtures/shell-history/bash.in")),
    ("shell-history", "zsh", include_bytes!("../../fixtures/shell-history/zsh.in")),
    ("shell-history", "fish", include_bytes!("../../fixtures/shell-history/fish.in")),
    ("shell-history", "plain", include_bytes!("../../fixtures/shell-history/plain.in")),
    ("crontab", "user", include_bytes!("../../fixtures/crontab/user.in")),
    ("crontab", "system", include_bytes!("../../fixtures/crontab/system.in")),
    ("systemd-unit", "timer", include_bytes!("../../fixtures/systemd-unit/timer.in")),
    ("systemd-unit", "cat", include_bytes!("../../fixtures/systemd-unit/cat.in")),
    ("packages", "dpkg", include_bytes!("../../fixtures/packages/dpkg.in")),
    ("packages", "apt", include_bytes!("../../fixtures/packages/apt.in")),
    ("packages", "yum", include_bytes!("../../fixtures/packages/yum.in")),
    ("packages", "dnf", include_bytes!("../../fixtures/packages/dnf.in")),
    ("container", "docker", include_bytes!("../../fixtures/container/docker.in")),
    ("container", "kubernetes", include_bytes!("../../fixtures/container/kubernetes.in")),
    ("web-access", "combined", include_bytes!("../../fixtures/web-access/combined.in")),
    ("elb", "alb", include_bytes!("../../fixtures/elb/alb.in")),
    ("elb", "nlb", include_bytes!("../../fixtures/elb/nlb.in")),
    ("elb", "classic", include_bytes!("../../fixtures/elb/classic.in")),
    ("elb", "connection", include_bytes!("../../fixtures/elb/connection.in")),
    ("cloudfront", "v1", include_bytes!("../../fixtures/cloudfront/v1.in")),
    ("cloudfront", "order", include_bytes!("../../fixtures/cloudfront/order.in")),
    ("cloudfront", "plain", include_bytes!("../../fixtures/cloudfront/plain.in")),
    ("cloudfront", "json", include_bytes!("../../fixtures/cloudfront/json.in")),
    ("s3-access", "log", include_bytes!("../../fixtures/s3-access/log.in")),
    ("waf", "lines", include_bytes!("../../fixtures/waf/lines.in")),
    ("waf", "batch", include_bytes!("../../fixtures/waf/batch.in")),
    ("w3c", "iis", include_bytes!("../../fixtures/w3c/iis.in")),
    ("w3c", "httperr", include_bytes!("../../fixtures/w3c/httperr.in")),
    ("web-json", "nginx", include_bytes!("../../fixtures/web-json/nginx.in")),
    ("web-json", "caddy", include_bytes!("../../fixtures/web-json/caddy.in")),
    ("web-json", "traefik", include_bytes!("../../fixtures/web-json/traefik.in")),
    ("web-json", "others", include_bytes!("../../fixtures/web-json/others.in")),
    ("web-json", "s3", include_bytes!("../../fixtures/web-json/s3.in")),
    ("syslog", "mail", include_bytes!("../../fixtures/syslog/mail.in")),
    ("exim", "main", include_bytes!("../../fixtures/exim/main.in")),
    ("apache-error", "v24", include_bytes!("../../fixtures/apache-error/v24.in")),
    ("apache-error", "v22", include_bytes!("../../fixtures/apache-error/v22.in")),
    ("nginx-error", "nginx", include_bytes!("../../fixtures/nginx-error/nginx.in")),
    ("php-error", "php", include_bytes!("../../fixtures/php-error/php.in")),
    ("timed-lines", "java", include_bytes!("../../fixtures/timed-lines/java.in")),
    ("timed-lines", "python", include_bytes!("../../fixtures/timed-lines/python.in")),
    ("timed-lines", "app", include_bytes!("../../fixtures/timed-lines/app.in")),
    ("timed-lines", "us", include_bytes!("../../fixtures/timed-lines/us.in")),
    ("trusted-advisor", "check-result", include_bytes!("../../fixtures/trusted-advisor/check-result.in")),
    ("trusted-advisor", "summaries", include_bytes!("../../fixtures/trusted-advisor/summaries.in")),
    ("trusted-advisor", "checks", include_bytes!("../../fixtures/trusted-advisor/checks.in")),
    ("trusted-advisor", "recommendations", include_bytes!("../../fixtures/trusted-advisor/recommendations.in")),
    ("trusted-advisor", "resources", include_bytes!("../../fixtures/trusted-advisor/resources.in")),
    ("trusted-advisor", "ta-event", include_bytes!("../../fixtures/trusted-advisor/event.in")),
    ("prowler", "native", include_bytes!("../../fixtures/prowler/native.in")),
    ("prowler", "prowler-table", include_bytes!("../../fixtures/prowler/table.in")),
    ("mysql-error", "errors", include_bytes!("../../fixtures/mysql-error/errors.in")),
    ("syslog", "services", include_bytes!("../../fixtures/syslog/services.in")),
    ("web-access", "tomcat", include_bytes!("../../fixtures/web-access/tomcat.in")),
    ("timed-lines", "levels", include_bytes!("../../fixtures/timed-lines/levels.in")),
    ("cloudtrail", "elastic", include_bytes!("../../fixtures/enveloped/elastic.in")),
    ("cloudtrail", "original", include_bytes!("../../fixtures/enveloped/original.in")),
    ("syslog", "splunk", include_bytes!("../../fixtures/enveloped/splunk.in")),
    ("web-access", "fluent", include_bytes!("../../fixtures/enveloped/fluent.in")),
    ("syslog", "datadog", include_bytes!("../../fixtures/enveloped/datadog.in")),
    ("web-access", "sumo", include_bytes!("../../fixtures/enveloped/sumo.in")),
    ("mixed-json", "panther", include_bytes!("../../fixtures/enveloped/panther.in")),
    ("timed-json", "json-app", include_bytes!("../../fixtures/timed-json/app.in")),
    ("process-list", "aux", include_bytes!("../../fixtures/process-list/aux.in")),
    ("process-list", "ef", include_bytes!("../../fixtures/process-list/ef.in")),
    ("process-list", "lstart", include_bytes!("../../fixtures/process-list/lstart.in")),
    ("socket-list", "ss", include_bytes!("../../fixtures/socket-list/ss.in")),
    ("socket-list", "ss-tcp", include_bytes!("../../fixtures/socket-list/ss-tcp.in")),
    ("socket-list", "netstat", include_bytes!("../../fixtures/socket-list/netstat.in")),
    ("socket-list", "lsof", include_bytes!("../../fixtures/socket-list/lsof.in")),
    ("login-list", "last", include_bytes!("../../fixtures/login-list/last.in")),
    ("login-list", "lastlog-text", include_bytes!("../../fixtures/login-list/lastlog.in")),
    ("login-list", "who", include_bytes!("../../fixtures/login-list/who.in")),
    ("hash-list", "sums", include_bytes!("../../fixtures/hash-list/sums.in")),
    ("container-list", "ps", include_bytes!("../../fixtures/container-list/ps.in")),
    ("velociraptor", "pslist", include_bytes!("../../fixtures/velociraptor/pslist.in")),
    ("velociraptor", "vr-netstat", include_bytes!("../../fixtures/velociraptor/netstat.in")),
    ("velociraptor", "logins", include_bytes!("../../fixtures/velociraptor/logins.in")),
    ("velociraptor", "vr-crontab", include_bytes!("../../fixtures/velociraptor/crontab.in")),
    ("velociraptor", "files", include_bytes!("../../fixtures/velociraptor/files.in")),
    ("body-file", "body", include_bytes!("../../fixtures/body-file/body.in")),
    ("transcript", "session", include_bytes!("../../fixtures/transcript/session.in")),
    ("windows-xml", "viewer", include_bytes!("../../fixtures/windows-xml/viewer.in")),
    ("windows-xml", "wevtutil", include_bytes!("../../fixtures/windows-xml/wevtutil.in")),
    ("windows-json", "event-lines", include_bytes!("../../fixtures/windows-json/lines.in")),
    ("windows-json", "beat", include_bytes!("../../fixtures/windows-json/beat.in")),
    ("windows-json", "flat", include_bytes!("../../fixtures/windows-json/flat.in")),
    ("guardduty", "get-findings", include_bytes!("../../fixtures/guardduty/get-findings.in")),
    ("guardduty", "export", include_bytes!("../../fixtures/guardduty/export.in")),
    ("describe", "instances", include_bytes!("../../fixtures/describe/instances.in")),
    ("describe", "others", include_bytes!("../../fixtures/describe/others.in")),
];

pub fn fixture(reader: &str, name: &str) -> Source {
    let (id, _, bytes) = FIXTURES.iter().find(|f| (f.0, f.1) == (reader, name)).unwrap();
    let source = single(name, bytes);
    assert_eq!(source.end.format, Some(*id), "{}", source.end.recognised_by);
    assert_eq!(source.end.bytes, bytes.len() as u64);
    source
}
