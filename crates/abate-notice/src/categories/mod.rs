//! How each category of abuse is recognised: one file each. AWS's own sentence decides; then the short name that a labelled
//! field gives, the AWS Health code, and only then single words. It says nothing about whether the report is true.

use abate_model::Category;

use crate::text::{has_word, normal, normal_with_lines, word_positions};

mod botnet;
mod compromised_credentials;
mod content;
mod copyright;
mod crawling;
mod crypto_mining;
mod dos;
mod intrusion;
mod malware;
mod model_abuse;
mod open_proxy;
mod open_resolver;
mod other;
mod phishing;
mod port_scan;
mod spam;
mod vulnerability;

/// The words by which one category is recognised, all in the form that [`normal`] gives.
pub(crate) struct Words {
    /// the category
    pub category: Category,
    /// parts of AWS's sentences that decide alone
    pub phrases: &'static [&'static str],
    /// the middle of `AWS_ABUSE_…_REPORT`; the longest match wins
    pub codes: &'static [&'static str],
    /// values of `Reported Activity:` and of abuse forms
    pub short_names: &'static [&'static str],
    /// words that count only where nothing above decides
    pub keywords: &'static [&'static str],
    /// sentences that must be read as this category
    pub examples: &'static [&'static str],
}

/// Every category. Where two are equally well supported, the earlier one wins, so the narrower ones stand first.
pub(crate) const fn all() -> &'static [Words] {
    &[
        botnet::WORDS,
        phishing::WORDS,
        open_resolver::WORDS,
        open_proxy::WORDS,
        crypto_mining::WORDS,
        dos::WORDS,
        port_scan::WORDS,
        spam::WORDS,
        crawling::WORDS,
        copyright::WORDS,
        model_abuse::WORDS,
        intrusion::WORDS,
        compromised_credentials::WORDS,
        vulnerability::WORDS,
        malware::WORDS,
        content::WORDS,
        other::WORDS,
    ]
}

/// A deciding phrase in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// what it means
    pub category: Category,
    /// the line it begins on
    pub line: usize,
}

/// All deciding phrases of a text in order, each category once per line.
pub(crate) fn phrases(text: &str) -> Vec<Match> {
    let (plain, lines) = normal_with_lines(text);
    let mut found: Vec<(usize, Match)> = Vec::new();
    for words in all() {
        for phrase in words.phrases {
            for (at, _) in plain.match_indices(phrase) {
                let line = lines.get(at).copied().unwrap_or_default();
                found.push((at, Match { category: words.category, line }));
            }
        }
    }
    // A name that a vulnerability field gives is narrower than the sentence above it.
    found.sort_by_key(|(at, _)| *at);
    found.truncate(1_000);
    let mut matches: Vec<Match> = Vec::new();
    for (_, one) in found {
        if !matches.contains(&one) {
            matches.push(one);
        }
    }
    // The sentence about a botnet also speaks of malware.
    if matches.iter().any(|m| m.category == Category::Botnet) {
        matches.retain(|m| m.category != Category::Malware);
    }
    matches
}

/// The category of a short name such as `Intrusion Attempts`, `port-scanning` or a vulnerability's slug.
pub(crate) fn of_short_name(name: &str) -> Option<Category> {
    let plain: String = normal(name).replace(['_', '-', '/'], " ");
    let plain = plain.trim_matches(|c: char| !c.is_alphanumeric());
    let exact = all().iter().find(|w| w.short_names.iter().any(|s| s.replace('-', " ") == plain));
    exact
        .or_else(|| {
            let named = |w: &&Words| {
                w.short_names.iter().map(|s| s.replace('-', " ")).filter(|s| s.len() > 3 && has_word(plain, s)).map(|s| s.len()).max()
            };
            all().iter().filter(|w| named(w).is_some()).max_by_key(|w| named(w))
        })
        .map(|w| w.category)
        .or_else(|| of_keywords(plain))
}

/// Whether a name is exactly one of the short names.
pub(crate) fn is_short_name(name: &str) -> bool {
    let squeezed = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let plain = squeezed(&normal(name));
    !plain.is_empty()
        && all().iter().any(|w| {
            w.short_names.iter().any(|s| squeezed(s) == plain) || w.codes.iter().any(|c| squeezed(&c.to_ascii_lowercase()) == plain)
        })
}

/// The category of an AWS Health event type code, known or not.
pub(crate) fn of_code(code: &str) -> Option<Category> {
    let code = code.trim().to_ascii_uppercase();
    let middle = code.strip_prefix("AWS_").unwrap_or(&code);
    let middle = middle.strip_prefix("ABUSE_").unwrap_or(middle);
    let middle = middle.strip_prefix("EC2_").unwrap_or(middle);
    let middle = ["_REPORTED", "_REPORT"].iter().find_map(|end| middle.strip_suffix(end)).unwrap_or(middle);
    let fits = |known: &str| middle == known || (known.len() > 3 && middle.contains(known));
    let longest = |w: &Words| w.codes.iter().filter(|c| fits(c)).map(|c| (middle == *c, c.len())).max();
    let mut best: Option<((bool, usize), Category)> = None;
    for words in all() {
        if let Some(rank) = longest(words)
            && best.is_none_or(|(r, _)| rank > r)
        {
            best = Some((rank, words.category));
        }
    }
    best.map(|(_, category)| category).or_else(|| of_keywords(&middle.replace('_', " ")))
}

/// The category that most different key words speak for.
pub(crate) fn of_keywords(text: &str) -> Option<Category> {
    let plain = normal(text);
    let count = |words: &Words| {
        let plural = |k: &str| word_positions(&plain, &format!("{k}s")).next().is_some();
        let stands = |k: &&&str| if k.is_ascii() { word_positions(&plain, k).next().is_some() || plural(k) } else { plain.contains(**k) };
        words.keywords.iter().filter(stands).count()
    };
    let mut best = None;
    for words in all() {
        let hits = count(words);
        if hits > 0 && best.is_none_or(|(most, _)| hits > most) {
            best = Some((hits, words.category));
        }
    }
    best.map(|(_, category)| category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_is_listed_once() {
        for category in Category::ALL {
            assert_eq!(all().iter().filter(|w| w.category == category).count(), 1, "{category:?}");
        }
    }

    #[test]
    fn words_are_in_the_compared_form() {
        for words in all() {
            for word in words.phrases.iter().chain(words.keywords).chain(words.short_names) {
                assert_eq!(normal(word), *word, "{:?}", words.category);
            }
        }
    }

    #[test]
    fn examples_are_recognised() {
        for words in all() {
            assert!(words.category == Category::Other || !words.examples.is_empty(), "{:?} has no example", words.category);
            for example in words.examples {
                let found = phrases(example);
                assert!(found.iter().any(|m| m.category == words.category), "{example:?}: {found:?}");
                for quoted in
                    [example.replace('\'', "\u{2019}"), example.replace(' ', "\n"), example.replace("that resembles", "which resembles")]
                {
                    assert!(phrases(&quoted).iter().any(|m| m.category == words.category), "{quoted:?}");
                }
            }
        }
    }

    #[test]
    fn botnet_wins_over_malware() {
        let text =
            "implicated in hosting malware and in activity that indicates that it may be infected with malware and may be part of a botnet";
        assert!(phrases(text).iter().all(|m| m.category == Category::Botnet));
    }

    #[test]
    fn short_names() {
        for (name, category) in [
            ("Port Scanning", Category::PortScan),
            ("port-scanning", Category::PortScan),
            ("Intrusion Attempts", Category::Intrusion),
            ("Open Proxy", Category::OpenProxy),
            ("Denial of Service Attack", Category::Dos),
            ("DOS", Category::Dos),
            ("exploit:gen/dot_env_leak", Category::Intrusion),
            ("Email spam", Category::Spam),
            ("dns_openresolver", Category::OpenResolver),
            ("Cryptocurrency mining", Category::CryptoMining),
        ] {
            assert_eq!(of_short_name(name), Some(category), "{name}");
        }
        assert_eq!(of_short_name("rpcbind_nothing"), None);
    }

    #[test]
    fn health_codes_known_and_unknown() {
        for (code, category) in [
            ("AWS_ABUSE_EC2_BOTNET_REPORT", Category::Botnet),
            ("AWS_ABUSE_EC2_CC_FRAUD_REPORT", Category::Other),
            ("AWS_ABUSE_COPYRIGHT_DMCA_REPORT", Category::Copyright),
            ("AWS_ABUSE_EC2_COPYRIGHT_NON_DMCA_REPORT", Category::Copyright),
            ("AWS_ABUSE_DOS_REPORT", Category::Dos),
            ("AWS_ABUSE_EC2_EMAIL_SPAM_REPORT", Category::Spam),
            ("AWS_ABUSE_EC2_FORUM_SPAM_REPORT", Category::Spam),
            ("AWS_ABUSE_EC2_ILLEGAL_CONTENT_REPORT", Category::Content),
            ("AWS_ABUSE_EC2_INTRUSION_ATTEMPT_REPORT", Category::Intrusion),
            ("AWS_ABUSE_MALWARE_WEBSITE_REPORT", Category::Malware),
            ("AWS_ABUSE_OPEN_PROXY_REPORT", Category::OpenProxy),
            ("AWS_ABUSE_PHISHING_REPORT", Category::Phishing),
            ("AWS_ABUSE_PHISHING_CONTENT_REPORTED", Category::Phishing),
            ("AWS_ABUSE_PII_CONTENT_REMOVAL_REPORT", Category::Content),
            ("AWS_ABUSE_EC2_PORT_SCANNING_REPORT", Category::PortScan),
            ("AWS_ABUSE_EC2_SPAM_WEBSITE_REPORT", Category::Spam),
            ("AWS_ABUSE_EC2_TAKEDOWN_REQUEST_REPORT", Category::Content),
            ("AWS_ABUSE_EC2_NEW_SCRAPING_REPORT", Category::Crawling),
            ("AWS_RISK_CREDENTIALS_EXPOSED", Category::CompromisedCredentials),
        ] {
            assert_eq!(of_code(code), Some(category), "{code}");
        }
        assert_eq!(of_code("AWS_ABUSE_SOMETHING_NEW_REPORT"), None);
    }
}
