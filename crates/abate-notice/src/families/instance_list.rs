//! F1: "your instance(s):" with instance and address on lines of their own. Ids have eight digits.

use abate_model::{Family, ResourceKind as Kind};

use crate::fields::Key::{Case, OwnAddress, Resource};
use crate::fields::Label;

use super::Layout;
use super::Mark::Says;

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::InstanceList,
    when: &[
        &[Says("your instance(s):")],
        &[Says("check the information provided below by the abuse reporter")],
        &[Says("additional abuse report information provided by original abuse reporter")],
    ],
    labels: &[
        Label("instance id", Resource(Some(Kind::Ec2Instance)), true),
        Label("instance", Resource(Some(Kind::Ec2Instance)), false),
        Label("ip addresses", OwnAddress, false),
        Label("ip address", OwnAddress, false),
        Label("case number", Case, true),
        Label("case id", Case, true),
        Label("case", Case, false),
    ],
    examples: &[
        "We've received a report that your instance(s):\nInstance Id: i-1a2b3c4d\nIP Address: 203.0.113.7\nhas been port scanning remote hosts on the Internet; check the information provided below by the abuse reporter.",
    ],
};
