//! Content that the AUP forbids and that no narrower category covers.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::Content,
    phrases: &["hosting a website which may contain content forbidden", "hosting content forbidden in the aws acceptable use policy"],
    codes: &["ILLEGAL_CONTENT", "PII_CONTENT_REMOVAL", "TAKEDOWN_REQUEST", "CONTENT"],
    short_names: &[
        "forbidden content",
        "illegal content",
        "prohibited content",
        "content",
        "pii content",
        "takedown request",
        "fraud website",
        "fraudulent website",
        "fraudulent content",
        "exposed data",
    ],
    keywords: &[
        "forbidden content",
        "illegal content",
        "personal information",
        "fake shop",
        "scam site",
        "違法コンテンツ",
        "禁止されたコンテンツ",
        "詐欺サイト",
    ],
    examples: &["has been implicated in hosting a website that may contain content forbidden in the AWS Acceptable Use Policy."],
};
