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

/// How far a host's clock is from UTC, and how its logs say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    /// seconds ahead of UTC
    pub(crate) ahead: Second,
    /// `+0900`
    pub(crate) offset: &'static str,
    /// `Asia/Tokyo`
    pub(crate) name: &'static str,
    /// `JST`
    pub(crate) short: &'static str,
}

impl Zone {
    /// Universal time, in which servers of EC2 run unless somebody changes it.
    pub(crate) const UTC: Self = Self { ahead: 0, offset: "+0000", name: "Etc/UTC", short: "UTC" };
    /// Japan.
    pub(crate) const JST: Self = Self { ahead: 9 * HOUR, offset: "+0900", name: "Asia/Tokyo", short: "JST" };

    /// `+09:00`, or `+00:00`
    pub(crate) fn iso_offset(self) -> String {
        format!("{}:{}", &self.offset[..3], &self.offset[3..])
    }

    /// Like [`syslog`], in this zone.
    pub(crate) fn syslog(self, at: Second) -> String {
        syslog(at + self.ahead)
    }

    /// `2026-10-05T13:03:02.104729+09:00`, as in syslog with precise times. The fraction depends on the second alone, so that
    /// lines of a second keep their order.
    pub(crate) fn precise(self, at: Second) -> String {
        format!("{}.{:06}{}", show(at + self.ahead, "%Y-%m-%dT%H:%M:%S"), fraction(at), self.iso_offset())
    }

    /// Like [`apache`], in this zone.
    pub(crate) fn apache(self, at: Second) -> String {
        format!("{} {}", show(at + self.ahead, "%d/%b/%Y:%H:%M:%S"), self.offset)
    }

    /// A form of one's own, in this zone.
    pub(crate) fn show(self, at: Second, format: &str) -> String {
        show(at + self.ahead, format)
    }
}

/// Microseconds that look random and depend on the second alone.
pub(crate) fn fraction(at: Second) -> i64 {
    (at.wrapping_mul(7_919) + 104_729).rem_euclid(999_983)
}

/// `Mon Oct  5 04:03:02 UTC 2026`, as `date` prints it.
pub(crate) fn date(at: Second) -> String {
    show(at, "%a %b %e %H:%M:%S UTC %Y")
}

/// `2026-10-05 04:03:02 UTC`, as in the details of a denial of service.
pub(crate) fn plain(at: Second) -> String {
    show(at, "%Y-%m-%d %H:%M:%S UTC")
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
        assert_eq!(super::date(at), "Mon Oct  5 04:03:02 UTC 2026");
        assert_eq!(super::plain(at), "2026-10-05 04:03:02 UTC");
        assert_eq!(super::Zone::JST.apache(at), "05/Oct/2026:13:03:02 +0900");
        assert!(super::Zone::JST.precise(at).starts_with("2026-10-05T13:03:02.") && super::Zone::JST.precise(at).ends_with("+09:00"));
    }
}
