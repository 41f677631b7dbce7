//! Times as whole seconds since 1970 (UTC), and the ways in which logs and mails write them. It never reads the clock.

use jiff::Timestamp;

/// Seconds since 1970-01-01T00:00:00Z.
pub(crate) type Second = i64;

/// One hour.
pub(crate) const HOUR: Second = 3600;
/// One day.
pub(crate) const DAY: Second = 24 * HOUR;

/// The last multiple of `step` that is not after `at`.
pub(crate) fn floor(at: Second, step: Second) -> Second {
    at - at.rem_euclid(step)
}

fn show(at: Second, format: &str) -> String {
    Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH).strftime(format).to_string()
}

/// `2026-10-05T04:03:02Z`
pub(crate) fn iso(at: Second) -> String {
    show(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// `2026/10/05`, as in the keys of log buckets.
pub(crate) fn day_path(at: Second) -> String {
    show(at, "%Y/%m/%d")
}

/// `20261005T0403Z`, as in the names of log files.
pub(crate) fn file_stamp(at: Second) -> String {
    show(at, "%Y%m%dT%H%MZ")
}

/// `Oct  5 04:03:02`, as in syslog (no year, no zone).
pub(crate) fn syslog(at: Second) -> String {
    show(at, "%b %e %H:%M:%S")
}

/// `05/Oct/2026:04:03:02 +0000`, as in web server logs.
pub(crate) fn apache(at: Second) -> String {
    show(at, "%d/%b/%Y:%H:%M:%S +0000")
}

/// `5 Oct 2026 04:03:02 UTC`, as in notices.
pub(crate) fn notice(at: Second) -> String {
    show(at, "%-d %b %Y %H:%M:%S UTC")
}

/// `Mon, 05 Oct 2026 04:03:02 +0000`, as in mail headers.
pub(crate) fn mail(at: Second) -> String {
    show(at, "%a, %d %b %Y %H:%M:%S +0000")
}

/// `2026/10`, as in upload folders of web applications.
pub(crate) fn month_path(at: Second) -> String {
    show(at, "%Y/%m")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_form() {
        let at = 1_791_172_982; // 2026-10-05T04:03:02Z
        assert_eq!(super::iso(at), "2026-10-05T04:03:02Z");
        assert_eq!(super::day_path(at), "2026/10/05");
        assert_eq!(super::file_stamp(at), "20261005T0403Z");
        assert_eq!(super::syslog(at), "Oct  5 04:03:02");
        assert_eq!(super::apache(at), "05/Oct/2026:04:03:02 +0000");
        assert_eq!(super::notice(at), "5 Oct 2026 04:03:02 UTC");
        assert_eq!(super::mail(at), "Mon, 05 Oct 2026 04:03:02 +0000");
        assert_eq!(super::month_path(at), "2026/10");
    }
}
