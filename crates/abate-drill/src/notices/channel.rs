//! The ways a notice can take to Abate, and the charsets of its bytes. No rendering here.

use encoding_rs::{Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8};

use super::cover::Named;

/// A way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// AWS's mail, plain text
    MailPlain,
    /// AWS's mail, HTML alone
    MailHtml,
    /// AWS's mail, both
    MailMultipart,
    /// body pasted into a file
    Pasted,
    /// pasted with its own header lines
    PastedHeaders,
    /// pasted with Japanese words around it
    PastedJapanese,
    /// forwarded inline by Gmail
    Gmail,
    /// forwarded inline by Outlook
    Outlook,
    /// forwarded inline by a Japanese Outlook
    OutlookJapanese,
    /// forwarded as an attachment
    Attached,
    /// event of AWS Health
    EventBridge,
    /// the same, inside an SNS message
    Sns,
}

impl Channel {
    /// The ways of a family.
    pub(crate) fn of(family: &str) -> &'static [Self] {
        if family == "health-event" {
            &[Self::EventBridge, Self::Sns]
        } else {
            &[
                Self::MailPlain,
                Self::MailHtml,
                Self::MailMultipart,
                Self::Pasted,
                Self::PastedHeaders,
                Self::PastedJapanese,
                Self::Gmail,
                Self::Outlook,
                Self::OutlookJapanese,
                Self::Attached,
            ]
        }
    }

    /// The charsets that this way takes.
    pub(crate) fn charsets(self) -> &'static [Charset] {
        match self {
            Self::Gmail | Self::EventBridge | Self::Sns | Self::Pasted | Self::PastedHeaders | Self::MailMultipart => &[Charset::Utf8],
            Self::MailPlain | Self::MailHtml => &[Charset::Utf8, Charset::Utf8, Charset::Iso2022Jp],
            Self::Outlook => &[Charset::Utf8, Charset::ShiftJis],
            Self::PastedJapanese | Self::OutlookJapanese | Self::Attached => &[Charset::Utf8, Charset::Iso2022Jp, Charset::ShiftJis],
        }
    }

    /// AWS's own mail as it arrives.
    pub(crate) fn is_direct(self) -> bool {
        matches!(self, Self::MailPlain | Self::MailHtml | Self::MailMultipart)
    }

    /// Forwarded in the text of another mail.
    pub(crate) fn is_inline(self) -> bool {
        matches!(self, Self::Gmail | Self::Outlook | Self::OutlookJapanese)
    }

    /// A bare text.
    pub(crate) fn is_pasted(self) -> bool {
        matches!(self, Self::Pasted | Self::PastedHeaders | Self::PastedJapanese)
    }

    /// JSON of AWS Health.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::EventBridge | Self::Sns)
    }

    /// How its files end.
    pub(crate) fn extension(self) -> &'static str {
        if self.is_json() {
            "json"
        } else if self.is_pasted() {
            "txt"
        } else {
            "eml"
        }
    }
}

impl Named for Channel {
    fn name(self) -> &'static str {
        match self {
            Self::MailPlain => "mail-plain",
            Self::MailHtml => "mail-html",
            Self::MailMultipart => "mail-multipart",
            Self::Pasted => "pasted",
            Self::PastedHeaders => "pasted-headers",
            Self::PastedJapanese => "pasted-japanese",
            Self::Gmail => "forward-gmail",
            Self::Outlook => "forward-outlook",
            Self::OutlookJapanese => "forward-outlook-ja",
            Self::Attached => "forward-attached",
            Self::EventBridge => "eventbridge",
            Self::Sns => "sns",
        }
    }
}

/// A charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8
    Utf8,
    /// ISO-2022-JP
    Iso2022Jp,
    /// Shift_JIS
    ShiftJis,
}

impl Charset {
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Iso2022Jp => ISO_2022_JP,
            Self::ShiftJis => SHIFT_JIS,
        }
    }

    /// As mail headers name it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Iso2022Jp => "ISO-2022-JP",
            Self::ShiftJis => "Shift_JIS",
        }
    }

    /// The bytes, or nothing if a character has no place in this charset.
    pub(crate) fn encode(self, text: &str) -> Option<Vec<u8>> {
        let (bytes, _, unmappable) = self.encoding().encode(text);
        (!unmappable).then(|| bytes.into_owned())
    }

    /// This charset if it has room for the text, else UTF-8.
    pub(crate) fn fitting(self, text: &str) -> Self {
        if self.encode(text).is_some() { self } else { Self::Utf8 }
    }

    /// The bytes; whoever asks has chosen a fitting charset.
    pub(crate) fn bytes(self, text: &str) -> Vec<u8> {
        self.encode(text).unwrap_or_else(|| text.as_bytes().to_vec())
    }
}

impl Named for Charset {
    fn name(self) -> &'static str {
        self.label()
    }
}
