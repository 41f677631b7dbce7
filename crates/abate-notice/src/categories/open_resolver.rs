//! A DNS resolver that answers anyone.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::OpenResolver,
    phrases: &["open dns resolver", "open recursive resolver", "openly recursive dns"],
    codes: &["OPEN_DNS_RESOLVER", "OPEN_RESOLVER", "DNS_RESOLVER", "DNS_AMPLIFICATION"],
    short_names: &["open dns resolver", "open resolver", "dns open resolver", "dns openresolver", "open recursive resolver"],
    keywords: &["open resolver", "openresolver", "open dns resolver", "recursive dns", "dns amplification", "オープンリゾルバ"],
    examples: &["has been implicated in operating an open DNS resolver."],
};
