//! What corroborates each category of report: one file each. To add one, write its file and its line in [`of`], which does not compile
//! without it.

mod agree;
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

use abate_model::{Category, Claim, Finding, Table, Text, TimeWindow};

use super::question::{Question, Sign};

/// When a finding must have been to be about the reported time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// at that time
    ThatTime,
    /// at that time or before: what was put up, or opened, is still there
    Standing,
    /// whenever: the report shows a sample
    AnyTime,
}

/// How far an activity reached, in words, as of a time if one is known.
type Scope = fn(&Question<'_>, Option<TimeWindow>) -> Option<Text>;

/// What our own logs must contain if a report of a category is true.
pub(super) struct Corroboration {
    /// findings that show it
    pub(super) claims: &'static [Claim],
    /// parts of GuardDuty finding types that show it
    pub(super) guardduty: &'static [&'static str],
    /// where it would be
    pub(super) tables: &'static [Table],
    /// in words, after "our logs must contain"
    pub(super) expects: Text,
    /// whether a finding fits what the notice names
    pub(super) agrees: fn(&Finding, &Question<'_>) -> bool,
    /// what the rows of a time say themselves, against what the notice names
    pub(super) look: fn(&Question<'_>, TimeWindow) -> Vec<Sign>,
    /// how far it reached, where the report shows a sample only
    pub(super) scope: Option<Scope>,
    /// whether it is traffic of ours to others, which a reporter saw arrive
    pub(super) outward: bool,
    pub(super) when: When,
}

/// Of a category.
pub(super) fn of(category: Category) -> &'static Corroboration {
    match category {
        Category::Spam => &spam::SPAM,
        Category::PortScan => &port_scan::PORT_SCAN,
        Category::Dos => &dos::DOS,
        Category::Intrusion => &intrusion::INTRUSION,
        Category::Botnet => &botnet::BOTNET,
        Category::Malware => &malware::MALWARE,
        Category::Phishing => &phishing::PHISHING,
        Category::Content => &content::CONTENT,
        Category::Crawling => &crawling::CRAWLING,
        Category::OpenProxy => &open_proxy::OPEN_PROXY,
        Category::OpenResolver => &open_resolver::OPEN_RESOLVER,
        Category::Vulnerability => &vulnerability::VULNERABILITY,
        Category::CompromisedCredentials => &compromised_credentials::COMPROMISED_CREDENTIALS,
        Category::Copyright => &copyright::COPYRIGHT,
        Category::CryptoMining => &crypto_mining::CRYPTO_MINING,
        Category::ModelAbuse => &model_abuse::MODEL_ABUSE,
        Category::Other => &other::OTHER,
    }
}

/// Of every category.
#[cfg(test)]
pub(super) fn all() -> Vec<&'static Corroboration> {
    Category::ALL.into_iter().map(of).collect()
}

/// Where the rows say nothing of themselves that a finding does not say.
fn nothing(_: &Question<'_>, _: TimeWindow) -> Vec<Sign> {
    Vec::new()
}

fn served(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    super::web::served(question, Some(window))
}
