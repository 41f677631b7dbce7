//! What AWS's sentences mean, as tables: one file per kind of message, in the order in which they are tried. The first phrase
//! that fits is the meaning. Each carries a sentence of our own around its recognition words, which a test must find again.
//!
//! Deliberately absent: anything about this case. Values are filled in elsewhere, and whether the sentence is true is not judged.

use abate_model::{Category, Text};

use super::Topic;
use crate::fields::Key;

pub(super) mod categories;
mod closing;
mod credentials;
mod fallbacks;
pub(super) mod fields;
mod follow_up;
mod footers;
mod greetings;
mod health;
mod mitigations;
mod model;
pub(super) mod places;
mod requests;
pub(super) mod resources;
mod sending;
pub(super) mod services;
mod standard;
mod support;
mod warnings;

/// How a phrase is recognised besides its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// by one of its words
    Words,
    /// by one of its words, in a sentence that says what is done and not what may be
    Deed,
    /// the same, and the sentence must speak of a block
    Block,
    /// by being nothing else than one of its words
    Whole,
    /// by beginning with one of its words and having few more
    Opening,
    /// by one of its words among few others
    Short,
    /// by the words of a category, or its own
    Category(Category),
    /// by the label of a field; where the phrase has words, the label must be one of them
    Field(&'static [Key]),
    /// a line that ends in a link to AWS's own pages
    AwsLink,
    /// a line that ends in a link to anywhere else
    OtherLink,
    /// anything that is listed as asked for
    Asked,
    /// anything that is listed as done by AWS
    Done,
    /// anything that states a deadline
    Deadline,
    /// a label that nothing stands behind
    Empty,
    /// a sentence in Japanese
    Japanese,
}

/// A value that is taken out of the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// the value as written
    Written,
    /// a time, in UTC and in Japanese time
    Time,
    /// the account
    Account,
    /// the Region
    Region,
    /// resources with their kind and addresses
    Resource,
    /// addresses
    Address,
    /// a port with what it is used for
    Port,
    /// a protocol, by name
    Protocol,
    /// the kind of abuse that a short name stands for
    Category,
    /// the service that a vulnerability's short name stands for
    Service,
    /// a number of bytes, readable
    Bytes,
}

/// A sentence that AWS writes, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Phrase {
    /// any of these in the compared form of the sentence is enough
    pub words: &'static [&'static str],
    /// how it is recognised besides
    pub by: By,
    /// what it is about
    pub topic: Topic,
    /// what it means for someone who never had such a mail
    pub means: Text,
    /// the same with a value in place of `{}`, put in front where the sentence states one
    pub value: Option<(Slot, Text)>,
    /// what it asks of the reader
    pub asks: Option<Text>,
    /// a sentence that must be understood as this phrase
    pub example: &'static str,
}

/// A statement.
const fn says(topic: Topic, words: &'static [&'static str], means: Text, example: &'static str) -> Phrase {
    Phrase { words, by: By::Words, topic, means, value: None, asks: None, example }
}

/// A statement in a sentence of a certain form.
const fn formed(by: By, topic: Topic, words: &'static [&'static str], means: Text, example: &'static str) -> Phrase {
    Phrase { words, by, topic, means, value: None, asks: None, example }
}

/// A request.
const fn asks(words: &'static [&'static str], means: Text, asks: Text, example: &'static str) -> Phrase {
    Phrase { words, by: By::Words, topic: Topic::Request, means, value: None, asks: Some(asks), example }
}

/// All tables for sentences in the order in which they are tried.
pub(super) static SENTENCES: [&[Phrase]; 15] = [
    warnings::PHRASES,
    closing::PHRASES,
    mitigations::PHRASES,
    follow_up::PHRASES,
    sending::PHRASES,
    model::PHRASES,
    credentials::PHRASES,
    categories::PHRASES,
    requests::PHRASES,
    standard::PHRASES,
    health::PHRASES,
    support::PHRASES,
    greetings::PHRASES,
    footers::PHRASES,
    fallbacks::PHRASES,
];
