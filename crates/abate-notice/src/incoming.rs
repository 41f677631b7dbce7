//! What came in, before anything of it is understood: headers, text, attachments, and by which way it came.

use abate_model::{Category, Remote, Resource};
use jiff::Timestamp;

/// By which way a notice came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// a mail, as received
    Mail,
    /// a mail that someone passed on, inline or as an attachment
    Forwarded {
        /// who passed it on
        by: Option<String>,
    },
    /// text without headers
    Pasted,
    /// an AWS Health event as JSON
    Health,
    /// an XARF report as JSON
    Xarf,
    /// the customer's own finding
    Own,
}

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub origin: Origin,
    pub subject: Option<String>,
    pub from: Option<String>,
    pub from_name: Option<String>,
    /// all `From` addresses: more than one is a trick
    pub from_all: Vec<String>,
    pub to: Option<String>,
    pub reply_to: Vec<String>,
    pub message_id: Option<String>,
    /// Message-IDs of `In-Reply-To` and `References`, newest first
    pub references: Vec<String>,
    pub date: Option<Timestamp>,
    /// the offset in which the sender's program wrote the date
    pub date_offset: Option<jiff::tz::Offset>,
    /// values of Authentication-Results headers
    pub auth_results: Vec<String>,
    /// the notice's text, the reporter's part included
    pub text: String,
    /// whether a machine-readable XARF report came with it
    pub with_xarf: bool,
    /// Received headers, topmost first
    pub received: Vec<String>,
    /// earlier messages quoted below the notice
    pub history: String,
    /// text that came as attachments
    pub attached: String,
    /// targets of links in HTML
    pub links: Vec<String>,
    /// what could not be read of it
    pub unread: Vec<String>,
    /// fields that a machine-readable form states outright
    pub stated: Stated,
}

/// Fields that a machine-readable form states outright.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated {
    pub category: Option<Category>,
    pub account: Option<String>,
    pub regions: Vec<String>,
    pub resources: Vec<Resource>,
    pub remote: Vec<Remote>,
    pub urls: Vec<String>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// the zone as written
    pub zone: Option<String>,
    pub deadline: Option<Timestamp>,
    /// AWS Health's id of the communication
    pub communication_id: Option<String>,
    /// whether the source calls the matter closed
    pub closed: bool,
    /// the words that the activity was read from
    pub words: Vec<String>,
    /// whether the whole text is the reporter's
    pub all_reporter: bool,
}

/// More of a message is not read; notices have a few kilobytes.
const MOST_TEXT: usize = 1024 * 1024;
/// More of what is attached is not read.
pub(crate) const MOST_ATTACHED: usize = 4 * 1024 * 1024;

impl Incoming {
    /// Cuts what is longer than any notice, and says so.
    pub fn bound(&mut self) {
        for (text, most, what) in [(&mut self.text, MOST_TEXT, "the message"), (&mut self.attached, MOST_ATTACHED, "the attachments")] {
            if text.len() > most {
                let end = (0..=most).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
                self.unread.push(format!("{} bytes at the end of {what} were not read", text.len() - end));
                text.truncate(end);
            }
        }
    }

    /// Text alone.
    pub fn text(origin: Origin, text: String) -> Self {
        Self {
            origin,
            subject: None,
            from: None,
            from_name: None,
            from_all: Vec::new(),
            to: None,
            reply_to: Vec::new(),
            message_id: None,
            references: Vec::new(),
            date: None,
            date_offset: None,
            auth_results: Vec::new(),
            text,
            with_xarf: false,
            received: Vec::new(),
            history: String::new(),
            attached: String::new(),
            links: Vec::new(),
            unread: Vec::new(),
            stated: Stated::default(),
        }
    }
}
