//! F4: every fact in a field of its own, with or without a blank behind the colon.

use abate_model::Family;

use crate::fields::Key::{Account, Activity, RequiredAction, Resource, Time, Url, Vulnerability};
use crate::fields::Label;

use super::Layout;
use super::Mark::Labelled;

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::LabelledFields,
    when: &[
        &[Labelled("reported activity")],
        &[Labelled("reported activities")],
        &[Labelled("reported vulnerability")],
        &[Labelled("implicated resource")],
        &[Labelled("required actions"), Labelled("aws account id")],
        &[Labelled("abuse time"), Labelled("aws account id")],
    ],
    labels: &[
        Label("aws account id", Account, true),
        Label("aws account number", Account, true),
        Label("implicated resource", Resource(None), true),
        Label("affected resource", Resource(None), true),
        Label("reported resource", Resource(None), true),
        Label("reported activities", Activity, true),
        Label("reported activity", Activity, true),
        Label("reported vulnerability", Vulnerability, true),
        Label("required actions", RequiredAction, true),
        Label("required action", RequiredAction, true),
        Label("action required", RequiredAction, false),
        Label("abuse time", Time, true),
        Label("time of abuse", Time, false),
        Label("reported urls", Url, false),
        Label("reported url", Url, false),
    ],
    examples: &[
        "Required Actions: Investigate root cause\nAWS Account ID: 111122223333\nImplicated Resource:EC2 Instance Id: i-0123456789abcdef0\nRegion:eu-central-1\nReported Activity: Port Scanning\nAbuse Time: 10 Jul 2024 02:21:07 UTC",
    ],
};
