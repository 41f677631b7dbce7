//! Floods towards others.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::Dos,
    phrases: &[
        "resembles a denial of service attack",
        "resembles a denial-of-service attack",
        "denial of service (dos) attack has been reported",
        "participating in a denial of service attack",
        "implicated in a denial of service attack",
    ],
    codes: &["DOS", "DDOS"],
    short_names: &["denial of service", "denial of service attack", "dos", "ddos", "dos attack", "udp flood", "syn flood"],
    keywords: &[
        "denial of service",
        "denial-of-service",
        "ddos",
        "dos attack",
        "syn flood",
        "udp flood",
        "amplification attack",
        "dos攻撃",
        "サービス妨害",
        "大量のudp",
    ],
    examples: &[
        "has been implicated in activity that resembles a Denial of Service attack against remote hosts; please review the information provided below",
    ],
};
