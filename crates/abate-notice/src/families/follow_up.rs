//! F6: a message in a running matter, by a program or a person, without a field block of its own.

use abate_model::{Family, NoticeKind};

use super::Layout;
use super::Mark::{Stands, Subject};

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout {
    family: Family::FollowUp,
    when: &[
        &[Stands(NoticeKind::Reminder)],
        &[Stands(NoticeKind::Final)],
        &[Stands(NoticeKind::Update)],
        &[Stands(NoticeKind::Resolved)],
        &[Subject("new support case")],
    ],
    labels: &[],
    examples: &[
        "We have not received a response regarding the abuse report implicating resources on your account.",
        "Once we have this information we can finish our investigation into this case and resolve it.",
    ],
};
