//! A proxy that forwards for anyone.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::OpenProxy,
    phrases: &["resembles an open proxy", "operating an open proxy"],
    codes: &["OPEN_PROXY", "PROXY"],
    short_names: &["open proxy", "open proxies", "open relay", "proxy"],
    keywords: &["open proxy", "proxy server", "socks proxy", "tor exit", "オープンプロキシ"],
    examples: &["has been operating in a way that resembles an open proxy. Operating an open proxy is forbidden in the AUP"],
};
