//! F8: a model vendor complains about what an account does on Amazon Bedrock; the appeal goes to the vendor.

use abate_model::{Category, Family};

use crate::fields::Key::{Action, Detail};
use crate::fields::Label;

use super::Layout;
use super::Mark::{About, Labelled, Says};

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::ModelAbuse,
    when: &[&[Says("amazon bedrock"), Labelled("action")], &[About(Category::ModelAbuse)], &[Says("bedrock"), Says("model access")]],
    labels: &[Label("action", Action, false), Label("effective date", Detail, false)],
    examples: &[
        "The model provider has told us of use of its model on Amazon Bedrock against its terms.\nAction: Model access revoked\nAWS account ID: 111122223333",
    ],
};
