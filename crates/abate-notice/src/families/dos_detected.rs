//! F5: AWS itself measured outbound denial of service: a table of what it blocked, then begin, end, bytes and packets.

use abate_model::Family;

use crate::fields::Key::{Begin, Detail, End, RemoteAddress, RemotePort};
use crate::fields::Label;

use super::Layout;
use super::Mark::{ActionTable, Labelled};

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::DosDetected,
    when: &[&[ActionTable], &[Labelled("report begin time")], &[Labelled("total packets sent")], &[Labelled("total bytes sent")]],
    labels: &[
        Label("report begin time", Begin, true),
        Label("begin time", Begin, false),
        Label("report end time", End, true),
        Label("end time", End, false),
        Label("remote ips", RemoteAddress, false),
        Label("remote ip", RemoteAddress, false),
        Label("remote ports", RemotePort, false),
        Label("remote port", RemotePort, false),
        Label("total bytes sent", Detail, false),
        Label("total packets sent", Detail, false),
        Label("total bytes received", Detail, false),
        Label("total packets received", Detail, false),
    ],
    examples: &[
        "AWS ID: 111122223333    Region: us-east-1    EC2 Instance Id: i-0123456789abcdef0\n\nhas been implicated in activity that resembles a Denial of Service attack\n\nInstance Id    Remote IP    Port    Protocol    Action Taken\ni-0123456789abcdef0    198.51.100.9    80    17    Outgoing Port 80 Blocked",
    ],
};
