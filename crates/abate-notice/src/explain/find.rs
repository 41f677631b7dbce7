//! Which phrase a sentence or a field is: the first that fits. Nothing is guessed; what fits nothing is not understood.

use abate_model::Category;

use crate::explain::Topic;
use crate::explain::phrases::{By, Phrase, SENTENCES, fields};
use crate::fields::{Field, Key};
use crate::text::{Sentence, has_kana, has_word, normal, refang};
use crate::{addresses, asks, categories, deadline, links};

/// More of a sentence is not looked at.
const MOST_SEARCHED: usize = 4_000;
/// An opening or a signature has at most this many words.
const FEW_WORDS: usize = 8;

/// The phrase of a sentence.
pub(super) fn sentence(said: &str) -> Option<&'static Phrase> {
    let probe = Probe::of(said);
    let found = SENTENCES.iter().flat_map(|table| table.iter()).find(|phrase| probe.fits(phrase))?;
    // A harmless sentence must not make a link away from AWS look harmless.
    let harmless = matches!(found.topic, Topic::Advice | Topic::Link | Topic::Footer | Topic::Greeting | Topic::Other);
    if harmless && !links::outside(&probe.said, &[], &[]).is_empty() {
        return SENTENCES.iter().flat_map(|table| table.iter()).find(|phrase| phrase.by == By::OtherLink);
    }
    Some(found)
}

/// The phrase of a field; `said` is its line, which shows the label.
pub(super) fn field(field: &Field, said: &str) -> Option<&'static Phrase> {
    let label = normal(&said.chars().take(MOST_SEARCHED).collect::<String>());
    let announces = |key: &Key| *key == field.key || matches!((key, field.key), (Key::Resource(None), Key::Resource(_)));
    fields::PHRASES.iter().find(|phrase| match phrase.by {
        By::Field(keys) => keys.iter().any(announces) && (phrase.words.is_empty() || phrase.words.iter().any(|w| has_word(&label, w))),
        _ => false,
    })
}

/// Whether a sentence gives advice rather than asks.
pub(super) fn recommends(said: &str) -> bool {
    let plain = normal(&said.chars().take(MOST_SEARCHED).collect::<String>());
    ["we recommend", "recommended", "we suggest", "we advise", "you may want to", "you may wish to"].iter().any(|w| has_word(&plain, w))
        && !has_word(&plain, "please")
}

/// A sentence in the forms in which it is compared.
struct Probe {
    said: String,
    plain: String,
    accused: Vec<Category>,
}

impl Probe {
    fn of(said: &str) -> Self {
        let said: String = said.chars().take(MOST_SEARCHED).collect();
        let accused = categories::phrases(&said).into_iter().map(|m| m.category).collect();
        Self { plain: normal(&said), said, accused }
    }

    fn fits(&self, phrase: &Phrase) -> bool {
        let says = || phrase.words.iter().any(|word| has_word(&self.plain, word));
        match phrase.by {
            By::Words => says(),
            By::Deed => says() && !self.is_hedged(),
            By::Block => says() && self.plain.contains("block") && !self.is_hedged(),
            By::Whole => phrase.words.contains(&self.bare()),
            By::Opening => self.is_short() && phrase.words.iter().any(|w| self.begins_with(w)),
            By::Short => self.is_short() && says(),
            By::Category(category) => says() || self.accused.contains(&category),
            By::Field(_) => false,
            By::Asked => !asks::required_actions("", &[self.alone()], &[]).is_empty(),
            By::Done => !asks::mitigations("", &[self.alone()], &[], &[]).is_empty(),
            By::AwsLink => self.link().is_some_and(|host| links::is_aws(&host)),
            By::OtherLink => self.link().is_some_and(|host| !links::is_aws(&host)),
            By::Deadline => self.states_deadline(),
            By::Empty => crate::fields::is_labelled(&self.said) && self.said.trim_end().ends_with([':', '：']),
            By::Japanese => has_kana(&self.said),
        }
    }

    /// `may`, `will`, `if`: announced, not done.
    fn is_hedged(&self) -> bool {
        ["may", "might", "could", "will", "if", "can be", "failure to", "unless"].iter().any(|word| has_word(&self.plain, word))
    }

    fn is_short(&self) -> bool {
        self.plain.split_whitespace().count() <= FEW_WORDS
    }

    fn bare(&self) -> &str {
        self.plain.trim_matches(|c: char| !c.is_alphanumeric())
    }

    fn begins_with(&self, word: &str) -> bool {
        self.bare().strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    }

    fn alone(&self) -> Sentence {
        Sentence { text: self.said.clone(), line: 0, last: 0 }
    }

    /// The host of the link that a line is, or ends in behind a short title.
    fn link(&self) -> Option<String> {
        let plain = refang(&self.said);
        let (at, url) = addresses::urls(&plain).pop()?;
        let behind = plain.get(at + url.len()..)?;
        let title = plain.get(..at)?;
        let fits = !behind.chars().any(char::is_alphanumeric) && title.split_whitespace().count() <= 12;
        addresses::host(&url).filter(|_| fits)
    }

    fn states_deadline(&self) -> bool {
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        deadline::of(&self.said, None, Some(epoch), epoch).value.basis == abate_model::DeadlineBasis::Stated
    }
}
