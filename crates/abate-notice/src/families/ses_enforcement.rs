//! F9: Amazon SES puts an account under review or stops it from sending. Region by its display name, dates MM-DD-YYYY.

use abate_model::Family;

use super::Layout;
use super::Mark::{Says, Subject};

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::SesEnforcement,
    when: &[
        &[Says("important change in your sending status")],
        &[Says("amazon ses"), Says("under review")],
        &[Says("amazon ses"), Says("sending has been paused")],
        &[Says("ses account"), Says("bounce rate")],
        &[Says("ses account"), Says("complaint rate")],
        &[Subject("amazon ses account")],
    ],
    labels: &[],
    examples: &[
        "-----\nIMPORTANT CHANGE IN YOUR SENDING STATUS\n-----\nAWS account 111122223333 in US West (Oregon) is paused.",
        "Your Amazon SES account is now under review because its bounce rate is too high.",
    ],
};
