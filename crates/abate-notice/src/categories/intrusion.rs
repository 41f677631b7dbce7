//! Attempts to get into other people's systems, the commonest notice.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::Intrusion,
    phrases: &[
        "abusive web request",
        "attempts to access remote hosts on the internet without authorization",
        "access remote hosts on the internet without authorization",
        "illegal intrusion attempts against remote hosts",
        "resembles intrusion attempts",
        "we've observed intrusion attempts activity",
        "implicated in intrusion attempts",
    ],
    codes: &["INTRUSION_ATTEMPT", "INTRUSION_ATTEMPTS", "INTRUSION"],
    short_names: &[
        "intrusion attempts",
        "intrusion attempt",
        "intrusion",
        "brute force",
        "ssh brute force",
        "login attack",
        "unauthorized access",
        "web attack",
        "hacking",
        "exploit",
        "sql injection",
    ],
    keywords: &[
        "has attacked",
        "attacked one of our",
        "intrusion attempt",
        "brute force",
        "brute-force",
        "web attack",
        "regbot",
        "bruteforce",
        "failed password",
        "invalid user",
        "unauthorized access",
        "wp-login",
        "xmlrpc",
        "sql injection",
        "credential stuffing",
        "exploit",
        "fail2ban",
        "login attempts",
        "hacking",
        "ブルートフォース",
        "総当たり",
        "不正アクセス",
        "侵入の試み",
    ],
    examples: &[
        "has been implicated in activity which resembles attempts to access remote hosts on the internet without authorization.",
        "has been making illegal intrusion attempts against remote hosts on the Internet; check the information",
        "We\u{2019}ve observed Intrusion Attempts activity from account xxxx370.",
    ],
};
