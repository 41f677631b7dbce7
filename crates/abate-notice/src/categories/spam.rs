//! Unsolicited messages by mail, on forums or by SES.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::Spam,
    phrases: &[
        "resembles the sending of spam",
        "sending of spam or unsolicited email",
        "sending of spam or unsolicited e-mail",
        "important change in your sending status",
        "amazon ses account under review",
        "your sending has been paused",
        "sending unsolicited",
    ],
    codes: &["EMAIL_SPAM", "FORUM_SPAM", "SPAM_WEBSITE", "SPAM"],
    short_names: &["spam", "email spam", "e-mail spam", "forum spam", "unsolicited email", "bulk messaging"],
    keywords: &[
        "harvesting",
        "comment spamming",
        "dictionary attacks",
        "spam",
        "unsolicited email",
        "unsolicited e-mail",
        "bulk mail",
        "complaint rate",
        "bounce rate",
        "spamcop",
        "spamtrap",
        "feedback report",
        "harvester",
        "email feedback",
        "スパム",
        "迷惑メール",
        "不審なメール",
    ],
    examples: &["has been implicated in activity that resembles the sending of spam or unsolicited email."],
};
