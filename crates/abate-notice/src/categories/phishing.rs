//! Pages that pretend to be someone else's sign-in.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::Phishing,
    phrases: &[
        "phishing attack at",
        "resembles a phishing website",
        "resembles a phishing site",
        "hosting a phishing website",
        "hosting a phishing site",
    ],
    codes: &["PHISHING", "PHISHING_CONTENT"],
    short_names: &["phishing", "phishing website", "phishing site"],
    keywords: &["phishing", "phish", "credential harvesting", "フィッシング"],
    examples: &["has been implicated in hosting content that resembles a phishing website."],
};
