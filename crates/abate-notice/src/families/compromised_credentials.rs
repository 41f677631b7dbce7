//! F7: AWS has seen a key or a sign-in in the wrong hands, or a key in public. The id may stand in clear or masked; the deadline is an ISO date.

use abate_model::{Category, Family, ResourceKind as Kind};

use crate::fields::Key::Resource;
use crate::fields::Label;

use super::Layout;
use super::Mark::About;

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::CompromisedCredentials,
    when: &[&[About(Category::CompromisedCredentials)]],
    labels: &[
        Label("access key id", Resource(Some(Kind::AccessKey)), true),
        Label("access key", Resource(Some(Kind::AccessKey)), false),
        Label("iam user name", Resource(Some(Kind::IamUser)), false),
        Label("iam user", Resource(Some(Kind::IamUser)), false),
        Label("iam role", Resource(Some(Kind::IamRole)), false),
        Label("user name", Resource(Some(Kind::IamUser)), false),
    ],
    examples: &[
        "Your access key AKIAIOSFODNN7EXAMPLE belonging to user deploy may have been inappropriately accessed by a third-party.\n\nStep 1: Delete the key.",
    ],
};
