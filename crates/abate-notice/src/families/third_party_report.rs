//! A reporter's own mail or machine-readable report, not passed on by AWS.

use abate_model::{Channel, Family};

use crate::fields::Key::{Activity, Clock, Date, OwnAddress, RemoteAddress, RemotePort, Zone};
use crate::fields::Label;

use super::Layout;
use super::Mark::{Came, NotFromAws};

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::ThirdPartyReport,
    when: &[&[Came(Channel::Report)], &[NotFromAws]],
    labels: &[
        Label("source-ip", OwnAddress, false),
        Label("source ips", OwnAddress, false),
        Label("source ip", OwnAddress, false),
        Label("source", OwnAddress, false),
        Label("offending ip", OwnAddress, false),
        Label("infringer's ip address", OwnAddress, false),
        Label("activity type", Activity, false),
        Label("abuse type", Activity, false),
        Label("abuse category", Activity, false),
        Label("report type", Activity, false),
        Label("abuse time, 24-hr format", Clock, false),
        Label("abuse date", Date, false),
        Label("time zone", Zone, false),
        Label("destination ports and protocols", RemotePort, false),
        Label("target ips", RemoteAddress, false),
        Label("target ip", RemoteAddress, false),
        Label("target port", RemotePort, false),
    ],
    examples: &[
        "From: abuse@example.net\nSubject: Abuse from 203.0.113.7\nDate: Thu, 05 Mar 2026 01:02:03 +0000\nMessage-ID: <1@example.net>\n\nYour host 203.0.113.7 has attacked our SSH server.",
    ],
};
