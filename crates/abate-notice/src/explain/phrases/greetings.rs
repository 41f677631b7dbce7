//! How mails begin. `Dear customer` without a name is normal for AWS and no sign of a forgery.

use abate_model::Text;

use super::{By, Phrase, formed};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    formed(
        By::Opening,
        Topic::Greeting,
        &["hello", "hi", "hi there", "greetings", "good day"],
        Text::fixed("A greeting.", "あいさつです。"),
        "Hello,",
    ),
    formed(
        By::Opening,
        Topic::Greeting,
        &["dear amazon ec2 customer", "dear aws customer", "dear amazon web services customer", "dear customer", "dear"],
        Text::fixed(
            "A greeting. That no name stands there is usual for AWS.",
            "あいさつです。宛名がないのは、AWS の通知では普通のことです。",
        ),
        "Dear Amazon EC2 Customer,",
    ),
];
