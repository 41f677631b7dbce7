//! Fetching of other people's websites beyond what they bear.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::Crawling,
    phrases: &[
        "resembles web-crawling",
        "resembles web crawling",
        "implicated in web-crawling",
        "implicated in web crawling",
        "has been crawling",
        "have been crawling",
        "crawling websites",
        "crawling web sites",
        "crawling remote",
    ],
    codes: &["WEB_CRAWLING", "CRAWLING", "WEB_CRAWL", "SCRAPING"],
    short_names: &["web crawling", "web-crawling", "crawling", "web crawl", "scraping", "web scraping"],
    keywords: &["web crawling", "web-crawling", "crawler", "scraping", "scraper", "クローリング", "クローラ", "スクレイピング"],
    examples: &[
        "has been implicated in activity which resembles web-crawling.",
        "has been implicated in activity that resembles web-crawling",
    ],
};
